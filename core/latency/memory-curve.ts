import { median } from './median.js';

/** What reading memory costs on a host when it is done over and over in so large an area. */
export interface MemoryPoint {
  readonly footprintBytes: number;
  readonly nsPerByte: number;
}

/** A host's caches as reading shows them: flat while an area fits, rising where it no longer does. */
export type MemoryCurve = readonly MemoryPoint[];

/** A little less than two, as footprints are rounded to cache lines. */
const OCTAVE = 1.99;

/**
 * What a byte costs above its price in the last-level cache ({@link lastLevelCost}), by the footprint of what is read over
 * and over; nothing where it costs less. Linear in the logarithm of the footprint between points, flat beyond both ends;
 * never falling, as noise would have it.
 * @param curve one point or more
 * @returns footprint in bytes → nanoseconds a byte
 */
export function memoryExcess(curve: MemoryCurve): (footprintBytes: number) => number {
  const rising = risingCurve(curve);
  const base = lastLevelCost(rising);
  const logs = rising.map(({ footprintBytes }) => Math.log(footprintBytes));
  const excess = rising.map(({ nsPerByte }) => Math.max(0, nsPerByte - base));
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
 * The price of a byte in the last-level cache: at the end of the flattest octave of the curve among those whose prices lie
 * in the middle half between the cheapest byte and the dearest, on a logarithmic scale. What a host fetches ahead from
 * there costs a network nothing more. The cheapest price where no octave lies there.
 */
function lastLevelCost(rising: MemoryCurve): number {
  const least = rising[0]!.nsPerByte;
  const most = rising.at(-1)!.nsPerByte;
  const low = least ** 0.75 * most ** 0.25;
  const high = least ** 0.25 * most ** 0.75;
  let flattest = { steepness: Number.POSITIVE_INFINITY, nsPerByte: least };
  for (const from of rising) {
    const to = rising.find(({ footprintBytes }) => footprintBytes >= OCTAVE * from.footprintBytes);
    if (to === undefined || from.nsPerByte < low || to.nsPerByte > high) continue;
    const steepness =
      Math.log(to.nsPerByte / from.nsPerByte) / Math.log(to.footprintBytes / from.footprintBytes);
    if (steepness <= flattest.steepness) flattest = { steepness, nsPerByte: to.nsPerByte };
  }
  return flattest.nsPerByte;
}

function risingCurve(curve: MemoryCurve): MemoryCurve {
  const sorted = [...curve].sort((a, b) => a.footprintBytes - b.footprintBytes);
  const costs = risingCosts(sorted.map(({ nsPerByte }) => nsPerByte));
  return sorted.map(({ footprintBytes }, i) => ({ footprintBytes, nsPerByte: costs[i]! }));
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
