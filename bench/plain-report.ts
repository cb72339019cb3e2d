import type { MeasurementPlan, SessionReport } from '../contracts/measurement.js';
import { BENCH_ENVIRONMENT } from './bench-environment.js';

/** Plausible for ops of a few thousand MACs, and for the anchor. */
const OP_NS = 4_000;
const NETWORK_NS = 300_000;

/** A small report of a plan, as from a fake device: what storing a result costs without measuring one. */
export function plainReport(plan: MeasurementPlan): SessionReport {
  const graphOf = (id: string) => `graph of ${id}`;
  return {
    environment: BENCH_ENVIRONMENT,
    startedAtMs: 0,
    endedAtMs: 1,
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: {},
    probes: plan.subjects.map(({ id, kind }) => ({
      graphId: graphOf(id),
      openNs: 1_000,
      firstNs: 5_000,
      visitsNs: Array.from({ length: 8 }, () =>
        Array.from({ length: 10 }, () => (kind === 'op' ? OP_NS : NETWORK_NS)),
      ),
      visitWaitShare: Array.from({ length: 8 }, () => 0),
    })),
    subjects: plan.subjects,
    terms: plan.subjects.map(({ id }) => ({
      subjectId: id,
      terms: [{ graphId: graphOf(id), coefficient: 1 }],
    })),
    failures: [],
  };
}
