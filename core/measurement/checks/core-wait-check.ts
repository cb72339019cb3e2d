import type { Observations } from '../observations.js';
import { MAX_LOST_SHARE } from '../visit-class.js';
import { classifyVisits, type ProbeVisits } from '../visit-values.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** More visits than this share under waiting make a session suspect, and most of them worthless. */
const WAITING_VISITS = { warn: 0.1, fail: 0.5 } as const;

/**
 * Waiting of the computing threads for a core, which other tasks held. Preemptions are shown beside it and not judged:
 * what counts is the time they cost, and a pipe that is written to between two visits already causes one.
 */
export function coreWaitCheck(probes: readonly ProbeVisits[], observations: Observations): SessionCheck {
  const name = 'core-wait';
  const shares = probes.flatMap(({ visitWaitShare }) =>
    (visitWaitShare ?? []).filter((share) => share !== null),
  );
  if (shares.length === 0)
    return { name, state: 'unobservable', detail: 'the scheduler does not show waiting times' };
  const waiting = shares.filter((share) => share > MAX_LOST_SHARE).length / shares.length;
  const { involuntarySwitches } = observations;
  const switches = involuntarySwitches === undefined ? '' : `; ${involuntarySwitches} involuntary switches`;
  return {
    name,
    state: stateBeyond(waiting, WAITING_VISITS),
    detail: `${percentOf(waiting)} of visits waited for the core over ${MAX_LOST_SHARE * 100} % of their time${switches}`,
  };
}

/** Stopped processes and pages read from a disk, in the same measure. */
export function stoppedCheck(probes: readonly ProbeVisits[]): SessionCheck {
  const name = 'stopped';
  const visits = probes.filter(({ causes }) => causes !== undefined).flatMap(classifyVisits);
  if (visits.length === 0)
    return { name, state: 'unobservable', detail: 'the time spent running is not known' };
  const stopped =
    visits.filter(({ class: name }) => name === 'stopped' || name === 'faulted').length / visits.length;
  return {
    name,
    state: stateBeyond(stopped, WAITING_VISITS),
    detail: `${percentOf(stopped)} of visits stood still over ${MAX_LOST_SHARE * 100} % of their time or read from a disk`,
  };
}
