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
  let depth = 1;
  let coverage = orderStatisticCoverage(count, 1);
  if (coverage <= level) return { median: middle, low: sorted[0]!, high: sorted[count - 1]! };
  while (2 * (depth + 1) <= count) {
    const next = orderStatisticCoverage(count, depth + 1);
    if (next < level) {
      const missing = (coverage - level) / (coverage - next);
      const weight = ((count - depth) * missing) / (depth + (count - 2 * depth) * missing);
      return {
        median: middle,
        low: mix(sorted[depth - 1]!, sorted[depth]!, weight),
        high: mix(sorted[count - depth]!, sorted[count - depth - 1]!, weight),
      };
    }
    depth++;
    coverage = next;
  }
  return { median: middle, low: sorted[depth - 1]!, high: sorted[count - depth]! };
}

/** Chance that the median of the population lies between the `depth`-th smallest and the `depth`-th largest of `count`. */
export function orderStatisticCoverage(count: number, depth: number): number {
  let probability = 0.5 ** count;
  let tail = 0;
  for (let k = 0; k < depth; k++) {
    tail += probability;
    probability *= (count - k) / (k + 1);
  }
  return 1 - 2 * tail;
}

function mix(from: number, to: number, weight: number): number {
  return (1 - weight) * from + weight * to;
}
