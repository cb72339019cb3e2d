import { median } from '../measurement/quantile.js';

/** What reading memory costs on a host when it is done over and over in so large an area. */
export interface MemoryPoint {
  readonly footprintBytes: number;
  /** Between one reading of the area and the next, while others may take the caches; absent: no time. */
  readonly idleMs?: number;
  readonly nsPerByte: number;
}

/** A host's caches as reading shows them: flat while an area fits, rising where it no longer does or others want it. */
export type MemoryCurve = readonly MemoryPoint[];

/** A host's caches in prices: nanoseconds a byte. */
export interface MemoryPrices {
  /**
   * What a byte costs: linear in the logarithm of the footprint and in the time between points, flat beyond the ends;
   * never falling in either, as noise would have it.
   * @param footprintBytes what is touched between two uses of a byte
   * @param idleNs time between them
   */
  at(footprintBytes: number, idleNs: number): number;
  /** In the nearest cache. */
  readonly nearest: number;
  /**
   * In the last-level cache: the median over the first octaves that are nearly flat, beyond what a core has to itself, of
   * which the last may reach beyond the cache; the cheapest price where no octave is.
   */
  readonly lastLevel: number;
}

/** A little less than two, as footprints are rounded to cache lines. */
const OCTAVE = 1.99;
/** The largest second-level cache that cores have for themselves; what is larger lies where others reach it. */
const OWN_CACHE_BYTES = 1.99 * 2 ** 20;
/** Slope of a curve within a level of cache, both axes logarithmic; between levels it is 0.5 and more. */
const NEARLY_FLAT = 0.25;

/** @param curve one point or more without a pause */
export function memoryPrices(curve: MemoryCurve): MemoryPrices {
  const idles = [...new Set(curve.map(({ idleMs = 0 }) => idleMs))].sort((a, b) => a - b);
  const curves = idles.map((idle) => risingCurve(curve.filter(({ idleMs = 0 }) => idleMs === idle)));
  const logs = [...new Set(curve.map(({ footprintBytes }) => footprintBytes))]
    .sort((a, b) => a - b)
    .map(Math.log);
  const columns = logs.map((log) => {
    const atOnce = costAt(curves[0]!, log);
    // Readings with pauses end at smaller areas: beyond these a pause makes nothing cheaper.
    return risingCosts(
      curves.map((rising) => {
        const isBeyond = log > Math.log(rising.at(-1)!.footprintBytes);
        return isBeyond ? Math.max(atOnce, costAt(rising, log)) : costAt(rising, log);
      }),
    );
  });
  const rows = idles.map((_, idle) => columns.map((costs) => costs[idle]!));
  return {
    at(footprintBytes, idleNs) {
      const log = Math.log(footprintBytes);
      return between(
        idles,
        rows.map((costs) => between(logs, costs, log)),
        idleNs / 1e6,
      );
    },
    nearest: rows[0]![0]!,
    lastLevel: lastLevelCost(curves[0]!),
  };
}

function costAt(rising: MemoryCurve, logFootprint: number): number {
  const logs = rising.map(({ footprintBytes }) => Math.log(footprintBytes));
  const costs = rising.map(({ nsPerByte }) => nsPerByte);
  return between(logs, costs, logFootprint);
}

/** Linear between points, flat beyond both ends. */
function between(xs: readonly number[], ys: readonly number[], x: number): number {
  const above = xs.findIndex((point) => point >= x);
  if (above === -1) return ys.at(-1)!;
  if (above === 0) return ys[0]!;
  const share = (x - xs[above - 1]!) / (xs[above]! - xs[above - 1]!);
  return ys[above - 1]! + share * (ys[above]! - ys[above - 1]!);
}

function lastLevelCost(rising: MemoryCurve): number {
  const ends: MemoryPoint[] = [];
  for (const from of rising) {
    const to = rising.find(({ footprintBytes }) => footprintBytes >= OCTAVE * from.footprintBytes);
    if (to === undefined || from.footprintBytes < OWN_CACHE_BYTES) continue;
    const steepness =
      Math.log(to.nsPerByte / from.nsPerByte) / Math.log(to.footprintBytes / from.footprintBytes);
    if (steepness <= NEARLY_FLAT) ends.push(from, to);
    else if (ends.length > 0) break;
  }
  if (ends.length === 0) return rising[0]!.nsPerByte;
  const level = rising.slice(rising.indexOf(ends[0]!), rising.indexOf(ends.at(-1)!) + 1);
  return median(level.map(({ nsPerByte }) => nsPerByte));
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

/** The middle of several readings of one host, point by point; null for none. */
export function medianCurve(curves: readonly MemoryCurve[]): MemoryCurve | null {
  const byPoint = new Map<string, MemoryPoint[]>();
  for (const point of curves.flat()) {
    const name = `${point.footprintBytes} ${point.idleMs ?? 0}`;
    byPoint.set(name, [...(byPoint.get(name) ?? []), point]);
  }
  if (byPoint.size === 0) return null;
  return [...byPoint.values()].map((points) => ({
    ...points[0]!,
    nsPerByte: median(points.map(({ nsPerByte }) => nsPerByte)),
  }));
}
