import type { ObservedProcess, SpinReading } from './observations.js';
import type { ProbeVisits } from './visit-values.js';

/**
 * By visit of a graph: the share of the core that it lacked, by the spins before and after its round, in which the host took
 * all of it at times, or by what a sibling thread had of it right before and after the visit; null where nobody looked.
 * @param fastestNs {@link fastestParallelNs}
 */
export function spinShares(
  probe: ProbeVisits,
  processes: readonly ObservedProcess[],
  fastestNs: number | null,
): readonly (number | null)[] {
  const shares: (number | null)[] = [];
  for (const [index, { visits }] of (probe.openings ?? []).entries()) {
    const spins = processes[index]?.probes ?? [];
    for (let visit = 0; visit < visits; visit++) {
      const { startMs, parallelNs } = probe.causes?.[shares.length] ?? {};
      const taken = startMs === undefined ? null : shareAround(startMs, spins);
      const shared =
        parallelNs === undefined || fastestNs === null ? null : sharedShare(parallelNs, fastestNs);
      shares.push(taken === null ? shared : Math.max(taken, shared ?? 0));
    }
  }
  return shares;
}

/** Share of the core that a sibling thread took: work that takes half as long again has two thirds of the core. */
export function sharedShare(parallelNs: number, fastestNs: number): number {
  return 1 - fastestNs / parallelNs;
}

/** The fastest piece of parallel work of a session, in nanoseconds; null where there was none. */
export function fastestParallelNs(processes: readonly ObservedProcess[]): number | null {
  const readings = processes.flatMap(({ probes }) => probes.flatMap(({ parallelNs }) => parallelNs ?? []));
  return readings.length === 0 ? null : Math.min(...readings);
}

function shareAround(startMs: number, spins: readonly SpinReading[]): number | null {
  const before = spins.findLast(({ atMs }) => atMs <= startMs);
  const after = spins.find(({ atMs }) => atMs > startMs);
  if (before === undefined || after === undefined) return null;
  return (before.takenShare + after.takenShare) / 2;
}
