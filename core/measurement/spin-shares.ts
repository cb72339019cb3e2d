import { extremes } from './extremes.js';
import type { ObservedProcess, SpinReading } from './observations.js';
import { quantile } from './quantile.js';
import type { ProbeVisits } from './visit-values.js';

/** Of a session's visits these had most of the core. */
const BEST_VISITS = 0.1;

/**
 * By visit of a graph: the share of the core that it lacked, by the spins before and after its round, in which the host took
 * all of it at times, or by what a sibling thread had of it right before and after the visit; null where nobody looked.
 * @param bestRatio {@link bestParallelRatio}
 */
export function spinShares(
  probe: ProbeVisits,
  processes: readonly ObservedProcess[],
  bestRatio: number | null,
): readonly (number | null)[] {
  const shares: (number | null)[] = [];
  for (const [index, { visits }] of (probe.openings ?? []).entries()) {
    const spins = processes[index]?.probes ?? [];
    for (let visit = 0; visit < visits; visit++) {
      const { startMs, parallelRatio } = probe.causes?.[shares.length] ?? {};
      const taken = startMs === undefined ? null : shareAround(startMs, spins);
      const shared =
        parallelRatio === undefined || bestRatio === null ? null : sharedShare(parallelRatio, bestRatio);
      shares.push(taken === null ? shared : Math.max(taken, shared ?? 0));
    }
  }
  return shares;
}

/** Share of the core that a sibling thread took: work that takes half as long again has two thirds of the core. */
export function sharedShare(parallelRatio: number, leastRatio: number): number {
  return 1 - leastRatio / parallelRatio;
}

/**
 * What visits of a session are held against: the parallel work around those that had most of the core, so that where a
 * sibling thread is always busy some are left that count; null where nobody looked.
 */
export function bestParallelRatio(probes: readonly Pick<ProbeVisits, 'causes'>[]): number | null {
  const ratios = probes.flatMap(({ causes = [] }) =>
    causes.flatMap(({ parallelRatio }) => parallelRatio ?? []),
  );
  return ratios.length === 0 ? null : quantile(ratios, BEST_VISITS);
}

/** The fastest piece of parallel work of a session, over that of a chain; null where there was none. */
export function leastParallelRatio(processes: readonly ObservedProcess[]): number | null {
  const readings = processes.flatMap(({ probes }) =>
    probes.flatMap(({ parallelRatio }) => parallelRatio ?? []),
  );
  return readings.length === 0 ? null : extremes(readings).least;
}

function shareAround(startMs: number, spins: readonly SpinReading[]): number | null {
  const before = spins.findLast(({ atMs }) => atMs <= startMs);
  const after = spins.find(({ atMs }) => atMs > startMs);
  if (before === undefined || after === undefined) return null;
  return (before.takenShare + after.takenShare) / 2;
}
