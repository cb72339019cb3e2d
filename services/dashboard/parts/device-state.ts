import type { DeviceView } from '../../../contracts/http/device-view.js';
import type { Tone } from './badge.js';

/** The api calls a device offline after 20 s; what was read before may be as old as this. */
const SEEN_WITHIN_MS = 60_000;

export interface DeviceState {
  readonly name: 'ready' | 'busy' | 'draining' | 'drained' | 'offline' | 'quarantined' | 'never seen';
  readonly tone: Tone;
}

/** What a device is doing, in one word. */
export function deviceState(device: DeviceView, nowMs: number): DeviceState {
  const { state, lastSeenAtMs, queue } = device;
  if (state === 'quarantined') return { name: 'quarantined', tone: 'bad' };
  if (lastSeenAtMs === null) return { name: 'never seen', tone: 'plain' };
  if (state === 'offline' || nowMs - lastSeenAtMs > SEEN_WITHIN_MS) return { name: 'offline', tone: 'bad' };
  if (state === 'draining') return { name: queue.leased > 0 ? 'draining' : 'drained', tone: 'warn' };
  return { name: queue.leased > 0 ? 'busy' : 'ready', tone: 'good' };
}
