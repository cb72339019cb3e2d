import type { Command } from '../command.js';
import { sameResource } from '../resource.js';
import type { RunState } from '../run-state.js';
import { bindingLimit, isWithin, stepTowards } from './budget.js';
import { type Closing, closingStage } from './closing.js';
import type { DeadEnd } from './dead-end.js';
import { type DescentPlan, descend } from './descent.js';
import { type Finale, finaleStage } from './finale.js';
import type { Iteration } from './iteration.js';
import { type Opening, openingStage } from './opening.js';
import { refusal } from './refusal.js';
import { amountOf, type Standing } from './standing.js';

export type Phase =
  | 'seed-training'
  | 'seed-measuring'
  | 'iterating'
  | 'verifying'
  | 'final-training'
  | 'baselines'
  | 'done';

/** Where a run stands and what it needs next: a pure function of its events. */
export interface Course {
  readonly phase: Phase;
  /** Nothing to do for a finished, failed or cancelled run. */
  readonly commands: readonly Command[];
  readonly opening: Opening | null;
  readonly iterations: readonly Iteration[];
  /** Of NetAdapt driven by MACs, for comparison. */
  readonly macsIterations: readonly Iteration[];
  /** The network come to so far. */
  readonly standing: Standing | null;
  /** The last comparison side by side, whether or not it met the budget. */
  readonly closing: Closing | null;
  readonly budgetMet: boolean | null;
  readonly finale: Finale | null;
}

/**
 * Walks a run from its start along the results that it has, up to those that it lacks. Equal events give equal commands
 * in whatever order results came, so that a run killed at any point goes on to the same decisions.
 */
export function courseOf(state: RunState): Course {
  const course = walk(state);
  return state.failure !== null || state.cancelled || state.finished ? { ...course, commands: [] } : course;
}

const NOTHING_YET = {
  opening: null,
  iterations: [],
  macsIterations: [],
  standing: null,
  closing: null,
  budgetMet: null,
  finale: null,
} as const;

function walk(state: RunState): Course {
  const start = openingStage(state);
  if (start.kind === 'pending') {
    const phase = state.trained.has('seed/train') ? 'seed-measuring' : 'seed-training';
    return { ...NOTHING_YET, phase, commands: start.commands };
  }
  const { opening } = start;
  const plan = mainPlan(state, opening);
  const beside: Command[] = [...start.commands];
  let from = { iterations: [] as readonly Iteration[], standing: opening.seed };
  for (;;) {
    const { iterations, standing, commands, end: came } = descend(state, opening, plan, from);
    beside.push(...commands);
    const soFar = { ...NOTHING_YET, opening, iterations, standing };
    const isExhausted = came !== 'arrived' && mayHaveArrived(came, standing, opening);
    if (came !== 'arrived' && !isExhausted) {
      const seedPending = iterations.length === 1 && standing.trained === null;
      if (came !== 'pending') beside.push(refusal(came));
      return { ...soFar, phase: seedPending ? 'seed-training' : 'iterating', commands: beside };
    }
    const isLast = isExhausted || iterations.length >= state.settings.maxIterations;
    const close = closingStage(state, opening, standing, { index: iterations.length, isLast });
    const { macsIterations } = close;
    if (close.kind === 'pending') {
      return { ...soFar, macsIterations, phase: 'verifying', commands: [...beside, ...close.commands] };
    }
    const verified = { ...standing, measured: close.closing.adapted };
    const budgetMet = opening.limits.every((limit) => isWithin(verified, limit));
    if (budgetMet || isLast) {
      const end = ending(state, opening, standing, close.closing, beside);
      return { ...soFar, macsIterations, ...end, budgetMet };
    }
    from = { iterations, standing: verified };
  }
}

/**
 * No width group can take away any more, but what was reached keeps every limit, its intervals left out: it is verified,
 * and what comes of that is the run's result.
 */
function mayHaveArrived(end: 'pending' | DeadEnd, standing: Standing, { limits }: Opening): boolean {
  if (end === 'pending' || end.code !== 'unreachable-budget') return false;
  return limits.every(({ resource, amount }) => amountOf(standing, resource) <= amount);
}

/** Down to the budget, one binding resource after the other. */
function mainPlan({ settings }: RunState, { limits, seed }: Opening): DescentPlan {
  return {
    prefix: '',
    vital: true,
    next: (standing, iterations) => {
      const limit = bindingLimit(standing, limits);
      if (limit === null || iterations.length >= settings.maxIterations) return null;
      const taken = iterations.filter(({ resource }) => sameResource(resource, limit.resource)).length;
      return stepTowards(limit, { schedule: settings.schedule, seed, standing, taken });
    },
  };
}

function ending(
  state: RunState,
  opening: Opening,
  standing: Standing,
  closing: Closing,
  beside: readonly Command[],
): Pick<Course, 'phase' | 'commands' | 'closing' | 'finale'> {
  const finale = finaleStage(state, opening, standing, closing);
  if (finale === null) return { phase: 'final-training', commands: beside, closing, finale };
  if (finale.commands.length > 0) {
    const phase = finale.adapted === null ? 'final-training' : 'baselines';
    return { phase, commands: finale.commands, closing, finale };
  }
  const key = 'finish';
  const finish: Command = { kind: 'record', key, event: { type: 'finished', key } };
  return { phase: 'done', commands: [finish], closing, finale };
}
