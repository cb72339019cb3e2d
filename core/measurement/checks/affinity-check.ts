import type { Observations } from '../observations.js';
import type { SessionCheck } from './session-check.js';

/** The cores that the measuring processes were allowed, as read back before, between the rounds and after. */
export function affinityCheck(observations: Observations): SessionCheck {
  const name = 'affinity';
  const { cpuRequested, affinityBefore, affinityAfter, processes } = observations;
  if (cpuRequested === undefined) return { name, state: 'warn', detail: 'not pinned to a core' };
  if (affinityBefore === undefined || affinityAfter === undefined)
    return { name, state: 'unobservable', detail: 'the allowed cores cannot be read' };
  const seen = [affinityBefore, ...processes.flatMap(({ allowedCores }) => allowedCores), affinityAfter];
  const others = [...new Set(seen)].filter((cores) => cores !== String(cpuRequested));
  return others.length === 0
    ? { name, state: 'pass', detail: `core ${cpuRequested} from beginning to end` }
    : {
        name,
        state: 'fail',
        detail: `asked for core ${cpuRequested}, allowed ${others.join(' and ')} at times`,
      };
}
