import type { MeasurementPlan, SessionReport } from '../contracts/measurement.js';

/** A small report of a plan, as from a fake device: what storing a result costs without measuring one. */
export function plainReport(plan: MeasurementPlan): SessionReport {
  const graphOf = (id: string) => `graph of ${id}`;
  return {
    environment: {
      cpuModel: 'bench',
      isa: [],
      arch: 'any',
      os: '0.0',
      runtime: 'fake',
      runtimeVersion: '1',
      libraryDigest: '',
      threads: 1,
      dtype: 'float32',
      pinned: true,
      channelStep: 8,
      flags: {},
    },
    startedAtMs: 0,
    endedAtMs: 1,
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: {},
    probes: plan.subjects.map(({ id }) => ({
      graphId: graphOf(id),
      openNs: 1_000,
      firstNs: 5_000,
      visitsNs: Array.from({ length: 8 }, () => Array.from({ length: 10 }, () => 4_000)),
      visitWaitShare: Array.from({ length: 8 }, () => 0),
    })),
    subjects: plan.subjects,
    terms: plan.subjects.map(({ id }) => ({
      subjectId: id,
      terms: [{ graphId: graphOf(id), coefficient: 1 }],
    })),
    failures: [],
  } as unknown as SessionReport;
}
