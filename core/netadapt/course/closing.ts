import type { Command } from '../command.js';
import type { MeasuredLatency } from '../run-event.js';
import type { RunState } from '../run-state.js';
import { isWithin } from './budget.js';
import type { Iteration } from './iteration.js';
import { macsDescent, macsRival } from './macs-rival.js';
import { measuredAt, measureWhole } from './measure-whole.js';
import type { Opening } from './opening.js';
import type { Rival } from './rival.js';
import type { Standing } from './standing.js';
import { uniformRivals } from './uniform-rivals.js';

/** Of one network, by device. */
type Measured = ReadonlyMap<string, MeasuredLatency>;

/** The last sessions, one on each device: everything that is compared, measured side by side. */
export interface Closing {
  readonly seed: Measured;
  readonly adapted: Measured;
  readonly rivals: readonly { readonly rival: Rival; readonly measured: Measured }[];
}

export type ClosingStage = {
  /** Of NetAdapt driven by MACs, as far as it has come. */
  readonly macsIterations: readonly Iteration[];
} & (
  | { readonly kind: 'pending'; readonly commands: readonly Command[] }
  | { readonly kind: 'closed'; readonly closing: Closing }
);

/** Rivals may be slower than the adapted network by this share: two equal networks differ as much when measured. */
const BENEFIT_OF_DOUBT = 0.02;

/** Which of the closings it is: an earlier one may have missed the budget. */
export interface ClosingRound {
  /** Iterations before it. */
  readonly index: number;
  /** Nothing follows that could better the result: the descent is exhausted or has had all its iterations. */
  readonly isLast: boolean;
}

/** Measures what the run came to against its budget, beside the seed and its rivals at the same latency. */
export function closingStage(
  state: RunState,
  opening: Opening,
  standing: Standing,
  round: ClosingRound,
): ClosingStage {
  const path = `closing/${round.index}`;
  const early = state.settings.macsBaseline ? verification(state, opening, standing, round) : null;
  if (early !== null) return early;
  const search = findRivals(state, opening, standing, path);
  const { commands, macsIterations } = search;
  if (commands.length > 0) return { kind: 'pending', commands, macsIterations };
  const networks = [opening.seed.network, standing.network, ...search.rivals.map(({ network }) => network)];
  const session = measureWhole(state, `${path}/session`, networks);
  if (session.kind === 'pending') return { ...session, macsIterations };
  const at = (index: number): Measured => measuredAt(session.latencies, index);
  const rivals = search.rivals.map((rival, i) => ({ rival, measured: at(i + 2) }));
  return { kind: 'closed', macsIterations, closing: { seed: at(0), adapted: at(1), rivals } };
}

/**
 * A rival that takes as long as the run itself is only worth it for a result that keeps its budget, or for the last one.
 * @returns null when that is so
 */
function verification(
  state: RunState,
  opening: Opening,
  standing: Standing,
  { index, isLast }: ClosingRound,
): ClosingStage | null {
  const session = measureWhole(state, `closing/${index}/verify`, [opening.seed.network, standing.network]);
  if (session.kind === 'pending') return { ...session, macsIterations: [] };
  const [seed, adapted] = [measuredAt(session.latencies, 0), measuredAt(session.latencies, 1)];
  const verified = { ...standing, measured: adapted };
  const isResult = opening.limits.every((limit) => isWithin(verified, limit)) || isLast;
  if (isResult && !beganFinaleWithout(state, `closing/${index}/session`)) return null;
  return { kind: 'closed', macsIterations: [], closing: { seed, adapted, rivals: [] } };
}

/** Runs of earlier versions that had exhausted their widths went to their final trainings without rivals. */
function beganFinaleWithout({ measured, trained, trainingFailures }: RunState, session: string): boolean {
  if (measured.has(session)) return false;
  return [...trained.keys(), ...trainingFailures.keys()].some((key) => key.startsWith('final/'));
}

interface RivalSearch {
  readonly rivals: readonly Rival[];
  /** None: all rivals are found. */
  readonly commands: readonly Command[];
  readonly macsIterations: readonly Iteration[];
}

/** Uniform multipliers need the device, NetAdapt by MACs mostly the trainers: both at once. */
function findRivals(state: RunState, opening: Opening, standing: Standing, path: string): RivalSearch {
  const { baselines, macsBaseline, devices } = state.settings;
  const limitMs = standing.measured.get(devices[0]!)!.latencyMs * (1 + BENEFIT_OF_DOUBT);
  const rivals: Rival[] = [];
  const commands: Command[] = [];
  if (baselines) {
    const uniform = uniformRivals(state, opening, standing, limitMs, path);
    if (uniform.kind === 'pending') commands.push(...uniform.commands);
    else rivals.push(...uniform.rivals);
  }
  if (!macsBaseline) return { rivals, commands, macsIterations: [] };
  const descent = macsDescent(state, opening, limitMs);
  commands.push(...descent.commands);
  const rival = macsRival(state, descent, limitMs);
  if (rival !== null) rivals.push(rival);
  return { rivals, commands, macsIterations: descent.iterations };
}
