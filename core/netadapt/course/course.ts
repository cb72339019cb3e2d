import type { Command } from '../command.js';
import type { RunState } from '../run-state.js';
import { type Closing, closingStage } from './closing.js';
import { type Finale, finaleStage } from './finale.js';
import { type Iteration, iterationStage } from './iteration.js';
import { type Opening, openingStage } from './opening.js';
import type { Standing } from './standing.js';

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
  standing: null,
  closing: null,
  budgetMet: null,
  finale: null,
} as const;

function walk(state: RunState): Course {
  const start = openingStage(state);
  const phase = state.trained.has('seed/train') ? 'seed-measuring' : 'seed-training';
  if (start.kind === 'pending') return { ...NOTHING_YET, phase, commands: start.commands };
  const { opening } = start;
  const { budgetMs } = opening;
  const beside: Command[] = [...start.commands];
  const iterations: Iteration[] = [];
  let standing = opening.seed;
  for (;;) {
    const exhausted = iterations.length >= state.settings.maxIterations;
    if (standing.measured.highMs <= budgetMs || exhausted) {
      const close = closingStage(state, opening, standing, iterations.length);
      const soFar = { ...NOTHING_YET, opening, iterations, standing };
      if (close.kind === 'pending') {
        return { ...soFar, phase: 'verifying', commands: [...beside, close.command] };
      }
      const budgetMet = close.closing.adapted.highMs <= budgetMs;
      if (budgetMet || exhausted) {
        return { ...soFar, ...ending(state, opening, standing, close.closing, beside), budgetMet };
      }
      standing = { ...standing, measured: close.closing.adapted };
    }
    const iteration = iterationStage(state, opening, standing, iterations.length);
    iterations.push(iteration);
    if (iteration.next === null) {
      const seedPending = iterations.length === 1 && standing.trained === null;
      return {
        ...NOTHING_YET,
        opening,
        iterations,
        standing,
        phase: seedPending ? 'seed-training' : 'iterating',
        commands: [...beside, ...iteration.commands],
      };
    }
    beside.push(...iteration.commands);
    standing = iteration.next;
  }
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
