/**
 * Why a visit counts or not, always by cause and never by value:
 * `waited` for the core, `stopped` or blocked, waited for a disk (`faulted`), or ran while the host took much of the
 * core, or a sibling thread did (`disturbed`).
 */
export type VisitClass = 'counted' | 'waited' | 'stopped' | 'faulted' | 'disturbed';

/** What is known of one visit beside its durations. */
export interface VisitFacts {
  readonly startMs?: number;
  readonly stoppedShare?: number;
  readonly majorFaults?: number;
  readonly parallelRatio?: number;
}

/** Above this share of lost time a visit says more about the machine than about the graph. */
export const MAX_LOST_SHARE = 0.2;

/**
 * @param waitShare share of the visit's wall time spent waiting for a core; null where unreadable
 * @param takenShare share of the core that the host or a sibling thread took around the visit; null where it was not probed
 */
export function classifyVisit(
  waitShare: number | null,
  facts: VisitFacts = {},
  takenShare: number | null = null,
): VisitClass {
  if ((waitShare ?? 0) > MAX_LOST_SHARE) return 'waited';
  if ((facts.majorFaults ?? 0) > 0) return 'faulted';
  if ((facts.stoppedShare ?? 0) > MAX_LOST_SHARE) return 'stopped';
  if ((takenShare ?? 0) > MAX_LOST_SHARE) return 'disturbed';
  return 'counted';
}

/**
 * Whether a visit counts, by what its own process saw.
 * @param sharedShare share of the core that a sibling thread took around it
 */
export function isUndisturbed(waitShare: number | null, facts: VisitFacts, sharedShare: number): boolean {
  return classifyVisit(waitShare, facts, sharedShare) === 'counted';
}
