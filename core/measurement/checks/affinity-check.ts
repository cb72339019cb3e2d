import type { Observations } from '../observations.js';
import type { SessionCheck } from './session-check.js';

/** The cores that the measuring processes were allowed, as read back before, between the rounds and after. */
export function affinityCheck(observations: Observations): SessionCheck {
  const name = 'affinity';
  const { affinityBefore, affinityAfter, processes } = observations;
  const requested = requestedCores(observations);
  if (requested === undefined) return { name, state: 'warn', detail: 'not pinned to a core' };
  if (affinityBefore === undefined || affinityAfter === undefined)
    return { name, state: 'unobservable', detail: 'the allowed cores cannot be read' };
  const seen = [affinityBefore, ...processes.flatMap(({ allowedCores }) => allowedCores), affinityAfter];
  const others = [...new Set(seen)].filter((cores) => cores !== requested);
  return others.length === 0
    ? { name, state: 'pass', detail: `${coreNoun(requested)} ${requested} from beginning to end` }
    : {
        name,
        state: 'fail',
        detail: `asked for ${coreNoun(requested)} ${requested}, allowed ${others.join(' and ')} at times`,
      };
}

function requestedCores({ coresRequested, cpuRequested }: Observations): string | undefined {
  return coresRequested ?? (cpuRequested === undefined ? undefined : String(cpuRequested));
}

function coreNoun(cores: string): string {
  return /^\d+$/.test(cores) ? 'core' : 'cores';
}
