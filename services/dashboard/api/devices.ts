import type { ReadonlySignal } from '@preact/signals';
import type { ChangeEvent } from '../../../contracts/http/change-event.js';
import type { DeviceList, DeviceView } from '../../../contracts/http/device-view.js';
import { type Aging, type Resource, useResource } from './resource.js';

/** What these do with a job moves it in or out of a device's queue. */
const MOVES: ReadonlySet<string> = new Set(['queued', 'leased', 'requeued', 'finished']);

/**
 * A device that falls silent says nothing of it, and neither does one that goes on measuring: the api alone tells which,
 * by its own clock.
 */
const AGING: Aging<unknown> = {
  slowly: ({ kind, type }: ChangeEvent) => kind === 'job' && MOVES.has(type),
  everyMs: 15_000,
};

/** Every device, with what it does now. */
export function useDevices(): ReadonlySignal<Resource<DeviceList>> {
  return useResource<DeviceList>('/devices', ({ kind }) => kind === 'device', AGING);
}

/** One device, with what it does now. */
export function useDevice(name: string): ReadonlySignal<Resource<DeviceView>> {
  return useResource<DeviceView>(
    `/devices/${encodeURIComponent(name)}`,
    ({ kind, ref }) => kind === 'device' && ref === name,
    AGING,
  );
}
