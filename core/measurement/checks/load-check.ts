import type { Observations } from '../observations.js';
import type { SessionCheck } from './session-check.js';

/**
 * The one-minute load averages against the number of cores. They lag by a minute and count every core: where waiting
 * for the measured core can be read they are only shown.
 * @param waitingIsKnown whether the scheduler shows waiting times
 */
export function loadCheck(
  { loadBefore, loadAfter, coreCount }: Observations,
  waitingIsKnown: boolean,
): SessionCheck {
  const name = 'load';
  if (loadBefore === undefined || loadAfter === undefined || coreCount === undefined)
    return { name, state: 'unobservable', detail: 'the load average cannot be read' };
  const overloaded = Math.max(loadBefore, loadAfter) > coreCount + 1;
  return {
    name,
    state: overloaded && !waitingIsKnown ? 'warn' : 'pass',
    detail: `load average ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after, on ${coreCount} cores`,
  };
}
