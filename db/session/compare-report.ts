import type { ComparisonResult } from '../../contracts/job.js';
import type { SessionReport } from '../../contracts/measurement.js';
import { compareNetworks } from '../../core/measurement/compare-networks.js';
import { probesWithCauses } from '../../core/measurement/judge-session.js';
import type { JudgedReport } from './judge-report.js';

/**
 * What a session says of the two sides of a comparison.
 * @param noiseFloor of the device; null where it was never measured
 * @returns undefined where the session compares nothing, a side of it failed, or no round has both
 */
export function compareReport(
  report: SessionReport,
  judged: JudgedReport,
  noiseFloor: number | null,
): ComparisonResult | undefined {
  const probes = probesWithCauses(report);
  const side = (copy: 'a' | 'b') => {
    const outcome = judged.outcomes.find(
      ({ subject }) => subject.kind === 'network' && subject.copy === copy,
    );
    return outcome?.summary == null ? undefined : probes.get(outcome.terms[0]!.graphId);
  };
  const [a, b] = [side('a'), side('b')];
  if (a === undefined || b === undefined) return undefined;
  const comparison = compareNetworks(a, b, noiseFloor);
  if (comparison === null) return undefined;
  const { answer, ratio, low, high, rounds } = comparison;
  return {
    answer,
    ratio,
    interval: { low, high, level: 0.95 },
    noiseFloor,
    rounds,
    processes: report.plan.protocol.processes ?? 1,
  };
}
