import { median } from './median.js';

/** What reading memory costs on a host when it is done over and over in so large an area. */
export interface MemoryPoint {
  readonly footprintBytes: number;
  readonly nsPerByte: number;
}

/** A host's caches as reading shows them: flat while an area fits, rising where it no longer does. */
export type MemoryCurve = readonly MemoryPoint[];

/**
 * What a byte costs above the cheapest, by the footprint of what is read over and over. Linear in the logarithm of the
 * footprint between points, flat beyond both ends; never falling, as noise would have it.
 * @param curve one point or more
 * @returns footprint in bytes → nanoseconds a byte
 */
export function memoryExcess(curve: MemoryCurve): (footprintBytes: number) => number {
  const sorted = [...curve].sort((a, b) => a.footprintBytes - b.footprintBytes);
  const least = Math.min(...sorted.map(({ nsPerByte }) => nsPerByte));
  const logs = sorted.map(({ footprintBytes }) => Math.log(footprintBytes));
  const excess = risingCosts(sorted.map(({ nsPerByte }) => nsPerByte - least));
  return (footprintBytes) => {
    const log = Math.log(footprintBytes);
    const above = logs.findIndex((point) => point >= log);
    if (above === -1) return excess.at(-1)!;
    if (above === 0) return excess[0]!;
    const share = (log - logs[above - 1]!) / (logs[above]! - logs[above - 1]!);
    return excess[above - 1]! + share * (excess[above]! - excess[above - 1]!);
  };
}

/**
 * The closest never-falling sequence in least squares: neighbours that fall are pooled to their mean, so that one slow
 * reading among the small footprints does not raise all that follow.
 * @see Ayer et al., "An empirical distribution function for sampling with incomplete information" (1955)
 */
function risingCosts(costs: readonly number[]): readonly number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const cost of costs) {
    pools.push({ sum: cost, count: 1 });
    while (pools.length > 1) {
      const [before, last] = [pools.at(-2)!, pools.at(-1)!];
      if (before.sum / before.count <= last.sum / last.count) break;
      pools.splice(-2, 2, { sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  return pools.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
}

/** The middle of several readings of one host, footprint by footprint; null for none. */
export function medianCurve(curves: readonly MemoryCurve[]): MemoryCurve | null {
  const byFootprint = new Map<number, number[]>();
  for (const { footprintBytes, nsPerByte } of curves.flat()) {
    byFootprint.set(footprintBytes, [...(byFootprint.get(footprintBytes) ?? []), nsPerByte]);
  }
  if (byFootprint.size === 0) return null;
  return [...byFootprint].map(([footprintBytes, costs]) => ({ footprintBytes, nsPerByte: median(costs) }));
}
