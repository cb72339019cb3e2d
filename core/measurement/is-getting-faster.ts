/** Runs that are looked at together. */
export const SETTLING_BATCH = 5;
/** Steady: no run of a batch faster than the best before by more than this. */
export const STEADY_SHARE = 0.98;

/**
 * Whether the last {@link SETTLING_BATCH} runs hold one that is over 2 % faster than all before: the caches that other
 * work filled are still coming back.
 * @param durationsNs in order of time
 */
export function isGettingFaster(durationsNs: readonly number[]): boolean {
  const before = durationsNs.slice(0, -SETTLING_BATCH);
  return (
    before.length > 0 && Math.min(...durationsNs.slice(-SETTLING_BATCH)) < STEADY_SHARE * Math.min(...before)
  );
}
