/** More multiply-accumulates than any one core does: 32 lanes × 2 units × 5 GHz, with room. */
const PEAK_MACS_PER_NS_PER_THREAD = 1000;

/** The least time that so many multiply-accumulates can take, nanoseconds. */
export function leastPlausibleNs(macs: number, threads: number): number {
  return macs / (PEAK_MACS_PER_NS_PER_THREAD * threads);
}

/**
 * Why a duration cannot be one, or null when it can.
 * @param durationNs one timed execution
 * @param macs multiply-accumulates that the execution did; 0 when unknown
 * @param threads threads that did them
 */
export function implausibleReason(durationNs: number, macs = 0, threads = 1): string | null {
  if (!Number.isFinite(durationNs)) return `a duration of ${durationNs} ns`;
  if (durationNs <= 0) return `a duration of ${durationNs} ns is not above zero`;
  const leastNs = leastPlausibleNs(macs, threads);
  if (durationNs < leastNs)
    return `${macs} MACs in ${durationNs} ns: faster than the arithmetic peak (${leastNs.toFixed(1)} ns)`;
  return null;
}
