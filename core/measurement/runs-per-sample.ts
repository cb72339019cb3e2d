/** A sample spans at least this many steps of the clock, so that reading it adds no more than 2 %. */
const STEPS_PER_SAMPLE = 50;

/**
 * How many runs in a row make one sample: one, unless a run is so short that the clock's step shows.
 * @param runNs one run, as well as it is known; 0 when it fits between two steps of the clock
 * @param stepNs step of the clock
 */
export function runsPerSample(runNs: number, stepNs: number): number {
  const neededNs = STEPS_PER_SAMPLE * stepNs;
  if (runNs >= neededNs) return 1;
  return Math.ceil(neededNs / Math.max(runNs, 1));
}
