import type { RunState } from '../run-state.js';
import { deviceKey } from './device-key.js';

/** The environment that a device was in when the run began. Nothing is asked of a device before it has been described. */
export function environmentHashOf(state: RunState, device: string): string {
  return state.described.get(deviceKey(state, 'device', device))!.environmentHash;
}
