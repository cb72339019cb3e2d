import type { DeviceView } from '../../../contracts/http/device-view.js';
import type { Tone } from './badge.js';

export interface DeviceState {
  readonly name: 'ready' | 'busy' | 'draining' | 'drained' | 'offline' | 'quarantined' | 'never seen';
  readonly tone: Tone;
}

/** What a device is doing, in one word. Whether it is there is the api's to say: clocks of browsers differ from its own. */
export function deviceState({ state, lastSeenAtMs, queue }: DeviceView): DeviceState {
  if (state === 'quarantined') return { name: 'quarantined', tone: 'bad' };
  if (lastSeenAtMs === null) return { name: 'never seen', tone: 'plain' };
  if (state === 'offline') return { name: 'offline', tone: 'bad' };
  if (state === 'draining') return { name: queue.leased > 0 ? 'draining' : 'drained', tone: 'warn' };
  return { name: queue.leased > 0 ? 'busy' : 'ready', tone: 'good' };
}
