/** What one reading of a clock is good for. */
export interface ClockFacts {
  /** The smallest difference between two readings, nanoseconds. */
  readonly stepNs: number;
  /** What a reading takes, nanoseconds. */
  readonly costNs: number;
}

const READINGS = 2_000;
/** A coarse clock stands still for most readings: go on until it has moved this often. */
const STEPS = 16;
const LONGEST_NS = 20e6;

/**
 * Reads a clock over and over: it takes a fraction of a millisecond for a fine clock, and {@link LONGEST_NS} at most.
 * @param clockNs nanoseconds
 */
export function calibrateClock(clockNs: () => number): ClockFacts {
  const startNs = clockNs();
  let stepNs = Number.POSITIVE_INFINITY;
  let steps = 0;
  let readings = 0;
  let lastNs = startNs;
  while ((readings < READINGS || steps < STEPS) && lastNs - startNs < LONGEST_NS) {
    const nowNs = clockNs();
    readings++;
    if (nowNs > lastNs) {
      stepNs = Math.min(stepNs, nowNs - lastNs);
      steps++;
    }
    lastNs = nowNs;
  }
  return { stepNs: Math.round(stepNs), costNs: Math.round((lastNs - startNs) / readings) };
}
