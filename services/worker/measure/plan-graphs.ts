import type {
  MeasurementPlan,
  Subject,
  SubjectFailure,
  SubjectTerms,
} from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import { countMacs } from '../../../core/network/macs.js';
import { parseNetwork } from '../../../core/network/parse-network.js';
import { decodeOpKey } from '../../../core/ops/op-key.js';
import { opMacs } from '../../../core/ops/op-macs.js';
import type { ProbeTerm, TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { coldTerm } from './cold-term.js';
import { copiedTerm } from './copied-term.js';

export interface PlannedGraph {
  readonly term: ProbeTerm;
  /** Multiply-accumulates that it computes at least. */
  readonly macs: number;
  /** Ids of the subjects that need it. */
  readonly subjectIds: Set<string>;
}

export interface PlannedSession {
  /** Each graph once, by id. */
  readonly graphs: ReadonlyMap<string, PlannedGraph>;
  readonly terms: readonly SubjectTerms[];
  /** Subjects that the runtime cannot express. */
  readonly failures: readonly SubjectFailure[];
  /** Graphs of the anchor: visited until the end. */
  readonly anchorGraphIds: readonly string[];
  /** Graphs of the two sides of a comparison, A first. */
  readonly comparedGraphIds: readonly string[];
}

/**
 * Asks the runtime how each subject follows from graphs.
 * @param evict empties the caches, for subjects whose target is `cold`
 */
export function planGraphs(
  runtime: TensorRuntime,
  subjects: MeasurementPlan['subjects'],
  evict: () => void,
): PlannedSession {
  const graphs = new Map<string, PlannedGraph>();
  const terms: SubjectTerms[] = [];
  const failures: SubjectFailure[] = [];
  const anchorGraphIds: string[] = [];
  const comparedGraphIds: string[] = [];
  for (const subject of subjects) {
    const probe = probeOf(runtime, subject, evict);
    if ('failure' in probe) {
      failures.push(probe.failure);
      continue;
    }
    terms.push({
      subjectId: subject.id,
      terms: probe.terms.map(({ graphId, coefficient }) => ({ graphId, coefficient })),
    });
    probe.terms.forEach((term, index) => {
      const known = graphs.get(term.graphId);
      // The first graph holds the subject itself; the others are what surrounds it.
      const graph = known ?? { term, macs: index === 0 ? probe.macs : 0, subjectIds: new Set() };
      graph.subjectIds.add(subject.id);
      graphs.set(term.graphId, graph);
      if (subject.kind === 'anchor') anchorGraphIds.push(term.graphId);
      if (subject.kind === 'network' && subject.copy !== undefined) comparedGraphIds.push(term.graphId);
    });
  }
  return { graphs, terms, failures, anchorGraphIds, comparedGraphIds: comparedGraphIds.sort() };
}

type Probe =
  | { readonly terms: readonly ProbeTerm[]; readonly macs: number }
  | { readonly failure: SubjectFailure };

function probeOf(runtime: TensorRuntime, subject: Subject, evict: () => void): Probe {
  const timed = (terms: readonly ProbeTerm[]) =>
    subject.kind === 'network' && subject.target === 'cold'
      ? terms.map((term) => coldTerm(term, evict))
      : terms;
  const copied = (terms: readonly ProbeTerm[]) => {
    const copy = subject.kind === 'network' ? subject.copy : undefined;
    return copy === undefined ? terms : terms.map((term) => copiedTerm(term, copy));
  };
  try {
    if (subject.kind === 'op')
      return { terms: timed(runtime.opProbe(subject.key)), macs: opMacs(decodeOpKey(subject.key)) };
    const network = parseNetwork(subject.network);
    const terms = timed(runtime.networkProbe(network, subject.networkHash));
    return { terms: copied(terms), macs: countMacs(network) };
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    return { failure: { subjectId: subject.id, kind: 'unsupported-op', message: error.message } };
  }
}
