import type { ProbeSamples, SessionReport } from '../../../contracts/measurement.js';
import type { SessionRecord } from './session-record.js';

/** What the processes of a session saw, as one: the visits of a graph follow one another, process by process. */
export function mergeRecords(
  records: readonly SessionRecord[],
): Pick<SessionReport, 'probes' | 'terms' | 'observations'> {
  const probes = new Map<string, ProbeSamples>();
  for (const record of records) {
    for (const probe of record.probes) {
      const earlier = probes.get(probe.graphId);
      probes.set(probe.graphId, earlier === undefined ? probe : joined(earlier, probe));
    }
  }
  const last = records.at(-1);
  return {
    probes: [...probes.values()],
    terms: [...(last?.terms ?? [])],
    observations: mergeObservations(records),
  };
}

function joined(earlier: ProbeSamples, later: ProbeSamples): ProbeSamples {
  return {
    ...earlier,
    visitsNs: [...earlier.visitsNs, ...later.visitsNs],
    visitWaitShare: [...earlier.visitWaitShare, ...later.visitWaitShare],
    causes: [...(earlier.causes ?? []), ...(later.causes ?? [])],
    openings: [...(earlier.openings ?? []), ...(later.openings ?? [])],
  };
}

function mergeObservations(records: readonly SessionRecord[]): Readonly<Record<string, unknown>> {
  const processes = records.map(({ observations }) => {
    const { affinityAfter: _, ...own } = observations;
    return own;
  });
  const sum = (name: string) => processes.reduce((total, own) => total + Number(own[name] ?? 0), 0);
  return {
    affinityBefore: records[0]?.allowedCores,
    affinityAfter: records.at(-1)?.observations.affinityAfter,
    timedMs: sum('timedMs'),
    involuntarySwitches: sum('involuntarySwitches'),
    processes,
  };
}
