/** Places that a candidate may have among others, the fastest being 1. */
export interface RankRange {
  readonly best: number;
  readonly worst: number;
}

/**
 * The places that candidates may have when differences below a resolution mean nothing. Two candidates whose ranges
 * overlap are not told apart; one with `best` 1 is not told from the fastest.
 * @param latencies estimates of one device, null where there is none
 * @param resolution the least relative difference that counts, e.g. 0.05
 * @returns in the same order, null where there was no estimate
 */
export function rankRanges(
  latencies: readonly (number | null)[],
  resolution: number,
): readonly (RankRange | null)[] {
  const sorted = latencies.filter((latency) => latency !== null).sort((a, b) => a - b);
  return latencies.map((latency) => {
    if (latency === null) return null;
    const surelyFaster = lowerBound(sorted, latency / (1 + resolution));
    const notSurelySlower = lowerBound(sorted, latency * (1 + resolution));
    return { best: 1 + surelyFaster, worst: Math.max(1 + surelyFaster, notSurelySlower) };
  });
}

/** Values below a bound. */
function lowerBound(sorted: readonly number[], bound: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < bound) from = middle + 1;
    else to = middle;
  }
  return from;
}
