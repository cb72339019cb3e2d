import { extremes } from './extremes.js';
import { classifyVisit, type VisitClass, type VisitFacts } from './visit-class.js';

/** What `core/measurement` needs of the raw samples of one graph. */
export interface ProbeVisits {
  /** Steady-state durations: one array a visit, in order of time. */
  readonly visitsNs: readonly (readonly number[])[];
  /** By visit: share of the visit's wall time that a computing thread waited for a core; null where unreadable. */
  readonly visitWaitShare?: readonly (number | null)[];
  /** By visit: what else happened to the process. */
  readonly causes?: readonly VisitFacts[];
  /** By visit: share of time that the host took around it (`spin-shares.ts`). */
  readonly takenShares?: readonly (number | null)[];
  /** By process, in order of time: how many of the visits it made. Absent: one process made all. */
  readonly openings?: readonly { readonly visits: number }[];
}

/** One visit, and what becomes of it. */
export interface ClassifiedVisit {
  readonly class: VisitClass;
  /** Whether summaries use it. */
  readonly used: boolean;
  /** Which process made it, counting from 0. */
  readonly process: number;
  /** Its smallest duration. */
  readonly minimumNs: number;
}

/** Visits that must remain before any is left out, and that an interval needs: of five, all but one in sixteen holds the median. */
export const MIN_REMAINING_VISITS = 5;

/**
 * Visits that were disturbed are left out, as long as five others remain: a rejection by cause, never by value. The raw
 * samples are kept either way.
 * @returns in order of time
 */
export function classifyVisits(probe: ProbeVisits): readonly ClassifiedVisit[] {
  const classes = probe.visitsNs.map((_, visit) =>
    classifyVisit(
      probe.visitWaitShare?.[visit] ?? null,
      probe.causes?.[visit],
      probe.takenShares?.[visit] ?? null,
    ),
  );
  const enough = classes.filter((name) => name === 'counted').length >= MIN_REMAINING_VISITS;
  return probe.visitsNs.map((samples, visit) => ({
    class: classes[visit]!,
    used: !enough || classes[visit] === 'counted',
    process: processOf(probe, visit),
    minimumNs: extremes(samples).least,
  }));
}

/** The visits that summaries use: the value of each is its minimum. */
export function usedVisits(probe: ProbeVisits): readonly ClassifiedVisit[] {
  return classifyVisits(probe).filter(({ used }) => used);
}

function processOf({ openings = [] }: ProbeVisits, visit: number): number {
  let before = 0;
  for (const [process, { visits }] of openings.entries()) {
    before += visits;
    if (visit < before) return process;
  }
  return 0;
}
