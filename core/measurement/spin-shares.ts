import type { ObservedProcess, SpinReading } from './observations.js';
import type { ProbeVisits } from './visit-values.js';

/**
 * By visit of a graph: the share of time that the host took from the core around it, from the spins before and after
 * its round; null where there was none.
 */
export function spinShares(
  probe: ProbeVisits,
  processes: readonly ObservedProcess[],
): readonly (number | null)[] {
  const shares: (number | null)[] = [];
  for (const [index, { visits }] of (probe.openings ?? []).entries()) {
    const spins = processes[index]?.probes ?? [];
    for (let visit = 0; visit < visits; visit++) {
      const startMs = probe.causes?.[shares.length]?.startMs;
      shares.push(startMs === undefined ? null : shareAround(startMs, spins));
    }
  }
  return shares;
}

function shareAround(startMs: number, spins: readonly SpinReading[]): number | null {
  const before = spins.findLast(({ atMs }) => atMs <= startMs);
  const after = spins.find(({ atMs }) => atMs > startMs);
  if (before === undefined || after === undefined) return null;
  return (before.takenShare + after.takenShare) / 2;
}
