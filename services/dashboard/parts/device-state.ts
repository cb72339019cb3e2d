import type { DeviceView } from '../../../contracts/http/device-view.js';
import type { Tone } from './badge.js';

/** A worker says that it is alive at least this often. */
const SEEN_WITHIN_MS = 60_000;

export interface DeviceState {
  readonly name: 'ready' | 'busy' | 'draining' | 'drained' | 'away' | 'never seen';
  readonly tone: Tone;
}

/** What a device is doing, in one word. */
export function deviceState(device: DeviceView, nowMs: number): DeviceState {
  if (device.lastSeenAtMs === null) return { name: 'never seen', tone: 'plain' };
  if (nowMs - device.lastSeenAtMs > SEEN_WITHIN_MS) return { name: 'away', tone: 'bad' };
  if (device.state === 'draining')
    return { name: device.queue.leased > 0 ? 'draining' : 'drained', tone: 'warn' };
  return { name: device.queue.leased > 0 ? 'busy' : 'ready', tone: 'good' };
}
