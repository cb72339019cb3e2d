import type { SubjectSummary, SubjectTerm } from '../summarize-subject.js';
import { classifyVisits, MIN_REMAINING_VISITS, type ProbeVisits } from '../visit-values.js';
import { percentOf, type SessionCheck } from './session-check.js';

/** A graph that is known worse than this is told, whatever the protocol asked for. */
const WORST_PRECISION = 0.05;

/** What the samples of one subject must hold, beside the circumstances of the whole session. */
export function subjectChecks(
  subject: {
    readonly terms: readonly SubjectTerm[];
    readonly summary: SubjectSummary;
    /** The interval that was asked for, as a share. */
    readonly targetRelativeInterval: number;
  },
  probes: ReadonlyMap<string, ProbeVisits & SteadyStates>,
): readonly SessionCheck[] {
  const graphs = subject.terms.flatMap(({ graphId }) => probes.get(graphId) ?? []);
  return [
    precisionCheck(subject.summary.precision, subject.targetRelativeInterval),
    visitsCheck(graphs),
    steadyCheck(graphs),
  ];
}

interface SteadyStates {
  readonly openings?: readonly { readonly visits: number; readonly steady: boolean }[];
}

function precisionCheck(precision: number, target: number): SessionCheck {
  return {
    name: 'precision',
    state: precision > Math.max(WORST_PRECISION, target) ? 'warn' : 'pass',
    detail: `known to ${percentOf(precision)} when the visits ended, ${percentOf(target)} asked`,
  };
}

/**
 * Visits that were disturbed are left out; where too few others remain they are used, and that is told. Of few visits no
 * interval is known: one agrees with itself.
 */
function visitsCheck(graphs: readonly ProbeVisits[]): SessionCheck {
  const name = 'visits';
  const shares = graphs.map((graph) => {
    const visits = classifyVisits(graph);
    return { counted: visits.filter((visit) => visit.class === 'counted').length, all: visits.length };
  });
  const [worst] = shares.sort((a, b) => a.counted / a.all - b.counted / b.all);
  if (worst === undefined) return { name, state: 'unobservable', detail: 'no visits' };
  const fewest = Math.min(...shares.map(({ counted }) => counted));
  const isFew = fewest < MIN_REMAINING_VISITS || worst.counted < worst.all / 2;
  const state = worst.counted === 0 ? 'fail' : isFew ? 'warn' : 'pass';
  return { name, state, detail: `${worst.counted} of ${worst.all} visits undisturbed` };
}

function steadyCheck(graphs: readonly SteadyStates[]): SessionCheck {
  const name = 'steady-state';
  const openings = graphs.flatMap(({ openings = [] }) => openings);
  if (openings.length === 0) return { name, state: 'unobservable', detail: 'the warm-up was not noted' };
  const unsteady = openings.filter(({ steady }) => !steady).length;
  return {
    name,
    state: unsteady > 0 ? 'warn' : 'pass',
    detail: `${unsteady} of ${openings.length} warm-ups ended before runs stopped getting faster`,
  };
}
