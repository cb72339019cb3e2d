import type { MachineFacts, Observations } from '../observations.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/**
 * Share of the timed visits in which some task of the machine stood still for want of a processor, memory or a disk.
 * Memory that runs out slows every core; tasks that want a processor may want another one.
 */
const STALLED = {
  cpu: { warn: 0.5 },
  memory: { warn: 0.02, fail: 0.2 },
  io: { warn: 0.5 },
} as const;

const FIELDS = { cpu: 'pressureCpuUs', memory: 'pressureMemoryUs', io: 'pressureIoUs' } as const;

/**
 * `/proc/pressure` over the timed visits.
 * @param waitingIsKnown whether the scheduler shows waiting for the measured core: then the processors' is only shown
 */
export function pressureCheck({ processes }: Observations, waitingIsKnown: boolean): SessionCheck {
  const name = 'pressure';
  const seen = (['cpu', 'memory', 'io'] as const).flatMap((kind) => {
    const share = stalledShare(processes, FIELDS[kind]);
    if (share === null) return [];
    const isShown = kind === 'cpu' && waitingIsKnown;
    return [{ kind, share, state: isShown ? 'pass' : stateBeyond(share, STALLED[kind]) }];
  });
  if (seen.length === 0) return { name, state: 'unobservable', detail: '/proc/pressure cannot be read' };
  const states = seen.map(({ state }) => state);
  return {
    name,
    state: states.includes('fail') ? 'fail' : states.includes('warn') ? 'warn' : 'pass',
    detail: `tasks stalled for ${seen.map(({ kind, share }) => `${kind} ${percentOf(share)}`).join(', ')} of the time`,
  };
}

function stalledShare(processes: Observations['processes'], field: keyof MachineFacts): number | null {
  let stalledUs = 0;
  let wallUs = 0;
  for (const { before, after, timedMs = 0 } of processes) {
    const [from, to] = [before[field], after[field]];
    if (from === undefined || to === undefined) return null;
    stalledUs += to - from;
    wallUs += timedMs * 1e3;
  }
  return wallUs > 0 ? stalledUs / wallUs : null;
}
