const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;

/** A process that ran this long is taken for healthy: its next failure starts at the first delay again. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * How long to wait before a process is started again: at once after a healthy run, doubling while it keeps failing.
 * @param failures how often it failed in a row before, 0 for the first time
 * @param ranMs how long it ran this time
 */
export function restartDelay(failures: number, ranMs: number): { delayMs: number; failures: number } {
  const inARow = ranMs >= HEALTHY_AFTER_MS ? 0 : failures;
  return { delayMs: Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** inARow), failures: inARow + 1 };
}
