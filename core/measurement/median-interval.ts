import { median } from './quantile.js';

export interface MedianInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Distribution-free interval of a median from order statistics, interpolated between the two pairs of order statistics
 * whose coverage brackets the level. Where there are too few values to reach the level (fewer than six for 95 %) the
 * interval is their whole range.
 * @param values independent values, any order, one or more
 * @param level coverage, e.g. 0.95
 * @see Hettmansperger & Sheather, "Confidence intervals based on interpolated order statistics" (1986), eq. 1–3
 */
export function medianInterval(values: readonly number[], level = 0.95): MedianInterval {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  const middle = median(sorted);
  const coverages = orderStatisticCoverages(count);
  if ((coverages[0] ?? 0) <= level) return { median: middle, low: sorted[0]!, high: sorted[count - 1]! };
  const depth = coverages.findIndex((coverage) => coverage < level);
  if (depth === -1) {
    const innermost = coverages.length;
    return { median: middle, low: sorted[innermost - 1]!, high: sorted[count - innermost]! };
  }
  const [coverage, next] = [coverages[depth - 1]!, coverages[depth]!];
  const missing = (coverage - level) / (coverage - next);
  const weight = ((count - depth) * missing) / (depth + (count - 2 * depth) * missing);
  return {
    median: middle,
    low: mix(sorted[depth - 1]!, sorted[depth]!, weight),
    high: mix(sorted[count - depth]!, sorted[count - depth - 1]!, weight),
  };
}

/**
 * Chances that the median of the population lies between the depth-th smallest and the depth-th largest of `count`
 * values: of depth 1 first, to half of them.
 */
export function orderStatisticCoverages(count: number): readonly number[] {
  const coverages: number[] = [];
  // As a logarithm: 0.5 ** count is 0 from 1,075 values on.
  let logProbability = -count * Math.LN2;
  let tail = 0;
  for (let below = 0; 2 * (below + 1) <= count; below++) {
    tail += Math.exp(logProbability);
    coverages.push(1 - 2 * tail);
    logProbability += Math.log((count - below) / (below + 1));
  }
  return coverages;
}

function mix(from: number, to: number, weight: number): number {
  return (1 - weight) * from + weight * to;
}
