import type { RunState } from '../run-state.js';

/** Key of a command that is given to every device of a run: the first one's is the plain key. */
export function deviceKey({ settings: { devices } }: RunState, key: string, device: string): string {
  return device === devices[0] ? key : `${key}@${device}`;
}
