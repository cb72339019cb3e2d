import { countMacs } from '../../network/macs.js';
import type { Resource } from '../resource.js';
import type { RunState } from '../run-state.js';
import { reductionAt } from '../schedule.js';
import type { StepAim } from './budget.js';
import { type Descent, descend } from './descent.js';
import type { Opening } from './opening.js';
import type { Rival } from './rival.js';
import { amountOf, type Standing } from './standing.js';

const MACS: Resource = { kind: 'macs' };

/**
 * NetAdapt driven by MACs: the same algorithm from the same seed, which asks the device only whether it has arrived. It
 * ends at a measured latency, so that what differs is what drove it.
 * @param limitMs latency on the first device not to exceed
 * @see Yang et al. 2018, "NetAdapt", section 4.3: the comparison of direct and indirect metrics
 */
export function macsDescent(state: RunState, opening: Opening, limitMs: number): Descent {
  const latency: Resource = { kind: 'latency', device: state.settings.devices[0]! };
  return descend(
    state,
    opening,
    {
      prefix: 'macs/',
      vital: false,
      next: (standing, iterations) => {
        if (amountOf(standing, latency) <= limitMs || iterations.length >= state.settings.maxIterations)
          return null;
        return stepOf(state, opening, standing, iterations.length, limitMs, latency);
      },
    },
    { iterations: [], standing: opening.seed },
  );
}

/** Null when it had nothing to do, gave up, or could not come down to the limit. */
export function macsRival(
  state: RunState,
  { standing, iterations, end }: Descent,
  limitMs: number,
): Rival | null {
  const latency: Resource = { kind: 'latency', device: state.settings.devices[0]! };
  if (end !== 'arrived' || iterations.length === 0 || standing.trained === null) return null;
  if (amountOf(standing, latency) > limitMs) return null;
  return {
    name: 'netadapt-macs',
    multiplier: null,
    iterations: iterations.length,
    network: standing.network,
    start: { kind: 'own', weights: standing.trained.weights },
    stepsSinceSeed: standing.stepsSinceSeed,
  };
}

/** It aims at the MACs where a straight line through here and the narrowest network crosses the limit. */
function stepOf(
  { settings }: RunState,
  { seed, reach, narrowest }: Opening,
  standing: Standing,
  index: number,
  limitMs: number,
  latency: Resource,
): StepAim {
  const macs = countMacs(standing.network);
  const latencyMs = amountOf(standing, latency);
  const least = reach[0]!.least;
  const leastMacs = countMacs(narrowest);
  const share = latencyMs > least ? (limitMs - least) / (latencyMs - least) : 0;
  return {
    resource: MACS,
    step: reductionAt(settings.schedule, countMacs(seed.network), index),
    aim: Math.max(leastMacs, leastMacs + Math.max(0, share) * (macs - leastMacs)),
  };
}
