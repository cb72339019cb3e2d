import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long enough that turns cost nothing, short enough that nobody notices. */
const TURN_MS = 10;

/**
 * For work in many small steps, which would hold up every other request.
 * @returns to be called after each step: it gives other requests a turn once enough time has passed
 */
export function breather(): () => Promise<void> {
  let sinceMs = performance.now();
  return async () => {
    if (performance.now() - sinceMs < TURN_MS) return;
    await nextTurn();
    sinceMs = performance.now();
  };
}
