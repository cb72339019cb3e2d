/** What `core/measurement` needs of the raw samples of one graph. */
export interface ProbeVisits {
  /** Steady-state durations: one array a visit, in order of time. */
  readonly visitsNs: readonly (readonly number[])[];
  /** By visit: share of the visit's wall time that the thread waited for a core; null where unreadable. */
  readonly visitWaitShare?: readonly (number | null)[];
}

/** Above this share of waiting a visit says more about the scheduler than about the graph. */
export const MAX_WAIT_SHARE = 0.2;

/** Visits that must remain before any is left out. */
const MIN_REMAINING_VISITS = 5;

/**
 * One value a visit: its minimum. A visit during which the thread waited for its core for more than
 * {@link MAX_WAIT_SHARE} of the time is left out, as long as five others remain: a rejection by cause, never by value.
 * The raw samples are kept either way.
 * @returns nanoseconds, in order of time
 */
export function visitValues(probe: ProbeVisits): readonly number[] {
  const minima = probe.visitsNs.map((samples) => Math.min(...samples));
  const shares = probe.visitWaitShare;
  if (shares === undefined) return minima;
  const undisturbed = minima.filter((_, visit) => (shares[visit] ?? 0) <= MAX_WAIT_SHARE);
  return undisturbed.length >= MIN_REMAINING_VISITS ? undisturbed : minima;
}
