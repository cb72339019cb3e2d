import type { CoreLock } from './core-lock.js';

/**
 * Does something while nothing else uses the cores.
 * @param locks of the cores and their siblings, in ascending order for everyone, so that two never wait for each other
 * @throws the signal's reason while it waits
 */
export async function holdCores<T>(
  locks: readonly CoreLock[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    for (const lock of locks) await lock.takeForMeasuring(signal);
    return await work();
  } finally {
    for (const lock of locks) lock.release();
  }
}
