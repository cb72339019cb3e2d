/** One network in two sessions, at the level of the anchor baseline. */
export interface NoisePair {
  readonly firstNs: number;
  readonly secondNs: number;
}

/** 95 % of a normal distribution lie within this many standard deviations. */
const NORMAL_95 = 1.96;

/**
 * The difference that two figures of one device exceed in one case of twenty although the same network was measured: a
 * share. From pairs of sessions, 1.96 × the root mean square of ln(second ÷ first).
 * @param pairs one or more
 * @see ISO 5725-1:1994, "reproducibility limit"
 */
export function noiseFloor(pairs: readonly NoisePair[]): number {
  const squares = pairs.map(({ firstNs, secondNs }) => Math.log(secondNs / firstNs) ** 2);
  return NORMAL_95 * Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** The floor of several checks together, each counting alike. */
export function pooledFloor(floors: readonly number[]): number {
  return Math.sqrt(floors.reduce((sum, floor) => sum + floor ** 2, 0) / floors.length);
}
