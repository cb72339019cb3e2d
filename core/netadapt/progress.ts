import { widthGroups } from '../network/width-groups.js';
import type { Command, RecipeName } from './command.js';
import type { Course, Phase } from './course/course.js';
import type { RunSettings } from './run-settings.js';
import type { RunState } from './run-state.js';
import { aimMs, reductionMs } from './schedule.js';

/** How far a run has come, in optimisation steps and what takes as long as one. */
export interface RunProgress {
  readonly done: number;
  /** Of done and what is expected to follow; moves as the run learns how many iterations it needs. */
  readonly total: number;
  /** For people. */
  readonly note: string;
}

/** A measuring session or an evaluation, in steps that take as long. */
const SESSION_COST = 150;
const EVALUATION_COST = 10;

/** Until a run has shown it: the share of width groups that can meet a step on their own. */
const PROPOSING_SHARE = 0.6;

/** Done work counted, work to come estimated from the latency that is still to go. */
export function progressOf(state: RunState, course: Course): RunProgress {
  const done = workDone(state);
  const pending = course.commands.reduce((sum, command) => sum + costOf(command, state.settings), 0);
  const following = course.phase === 'done' ? 0 : workToFollow(state, course);
  return { done, total: done + pending + following, note: noteOf(course) };
}

function workDone({ settings, trained, trainingFailures, measured, proposed }: RunState): number {
  const trainings = [...trained.keys(), ...trainingFailures.keys()].reduce(
    (sum, key) => sum + trainingCost(recipeOfKey(key, settings), settings),
    0,
  );
  return trainings + SESSION_COST * (measured.size + proposed.size);
}

function recipeOfKey(key: string, { seedWeights }: RunSettings): RecipeName {
  if (key === 'seed/train') return seedWeights === null ? 'seed' : 'evaluate';
  if (key === 'final/seed-as-given') return 'evaluate';
  return key.startsWith('final/') ? 'final' : 'fine-tune';
}

function trainingCost(recipe: RecipeName, { steps }: RunSettings): number {
  switch (recipe) {
    case 'seed':
      return steps.seed + EVALUATION_COST;
    case 'fine-tune':
      return steps.fineTune + EVALUATION_COST;
    case 'final':
      return steps.final + EVALUATION_COST;
    case 'evaluate':
      return EVALUATION_COST;
  }
}

function costOf(command: Command, settings: RunSettings): number {
  if (command.kind === 'train') return trainingCost(command.recipe, settings) + command.extraSteps;
  return command.kind === 'measure' || command.kind === 'propose' ? SESSION_COST : 0;
}

function workToFollow(state: RunState, course: Course): number {
  if (course.finale !== null) return 0;
  const { settings } = state;
  const iterations = iterationsToFollow(state, course);
  const finals = settings.baselines ? 4 : 1;
  const onTheWay = (course.iterations.length + iterations) * settings.steps.fineTune;
  const finale =
    finals * trainingCost('final', settings) + (settings.baselines ? 3 * onTheWay + 2 * SESSION_COST : 0);
  return iterations * iterationCost(settings, course) + SESSION_COST + finale;
}

function iterationCost(settings: RunSettings, course: Course): number {
  const seen = course.iterations.findLast(({ proposals }) => proposals.length > 0)?.proposals.length;
  const groups = widthGroups(settings.seed).filter(({ frozen }) => !frozen).length;
  const trainings = (seen ?? Math.ceil(PROPOSING_SHARE * groups)) + 2;
  return trainings * trainingCost('fine-tune', settings) + 2 * SESSION_COST;
}

/** Iterations after the one under way, which is taken to go as those before. */
function iterationsToFollow(state: RunState, { opening, standing, iterations, phase }: Course): number {
  if (phase === 'verifying') return 0;
  const { schedule, maxIterations, maxChosenPerIteration, budget } = state.settings;
  const taken = takenPerIteration(iterations, maxChosenPerIteration);
  const seedMs = opening?.seed.measured.latencyMs ?? 1;
  const budgetMs = opening?.budgetMs ?? ('ratio' in budget ? budget.ratio : 0.5);
  let latencyMs = standing?.measured.latencyMs ?? seedMs;
  const goalMs = standing === null ? budgetMs : aimMs(standing.measured, budgetMs);
  let index = Math.max(0, iterations.length - 1);
  let count = 0;
  while (latencyMs > goalMs && index < maxIterations && count < 1000) {
    latencyMs -= taken * reductionMs(schedule, seedMs, index++);
    count++;
  }
  return Math.max(0, count - (iterations.length > 0 ? 1 : 0));
}

function takenPerIteration(iterations: Course['iterations'], most: number): number {
  const chosen = iterations.flatMap((iteration) => iteration.chosen?.widths.length ?? []);
  if (chosen.length === 0) return 1 + (most - 1) / 2;
  return chosen.reduce((sum, count) => sum + count, 0) / chosen.length;
}

const NOTES: Readonly<Record<Exclude<Phase, 'iterating'>, string>> = {
  'seed-training': 'training the seed',
  'seed-measuring': 'measuring the seed',
  verifying: 'measuring the result beside the seed and its uniform rivals',
  'final-training': 'long training of the result and its baselines',
  baselines: 'training the baselines',
  done: 'done',
};

function noteOf({ phase, iterations, commands }: Course): string {
  const iteration = iterations.at(-1);
  if (phase !== 'iterating' || iteration === undefined) return NOTES[phase as keyof typeof NOTES];
  const number = `iteration ${iteration.index + 1}`;
  const trainings = commands.filter(({ kind }) => kind === 'train').length;
  if (iteration.proposed === null) return `${number}: finding widths that meet the step`;
  if (iteration.chosen !== null) return `${number}: measuring the chosen network`;
  const all = iteration.proposals.length;
  return `${number}: fine-tuning ${all} proposals, ${Math.max(0, all - trainings)} done`;
}
