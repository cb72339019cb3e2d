import { widthGroups } from '../network/width-groups.js';
import type { Command } from './command.js';
import { aimOf, type Limit } from './course/budget.js';
import type { Course, Phase } from './course/course.js';
import type { Iteration } from './course/iteration.js';
import { amountOf } from './course/standing.js';
import { RunCosts } from './run-costs.js';
import type { RunState } from './run-state.js';
import { reductionAt } from './schedule.js';

/** How far a run has come, in optimisation steps of the seed and what takes as long as one. */
export interface RunProgress {
  readonly done: number;
  /** Of done and what is expected to follow; moves as the run learns how many iterations it needs. */
  readonly total: number;
  /** What one step of a training under way adds to `done`. */
  readonly stepCost: number;
  /** For people. */
  readonly note: string;
}

/** Until a run has shown it: the share of width groups that can meet a step on their own. */
const PROPOSING_SHARE = 0.6;

/** Until a run has shown it: how many Δ a joint choice takes away for each of its cuts, since widths come in steps. */
const OVERSHOOT = 1.5;

/** Iterations of NetAdapt by MACs for each of the run's own: many of its cuts save no time. */
const MACS_DETOUR = 1.2;

/** Done work counted, work to come estimated from what is still to go. */
export function progressOf(state: RunState, course: Course): RunProgress {
  const costs = new RunCosts(state, course);
  const done = costs.done();
  const pending = course.commands.reduce((sum, command) => sum + costs.ofCommand(command), 0);
  const following = course.phase === 'done' ? 0 : workToFollow(state, course, costs);
  const training = course.commands.find(({ kind }) => kind === 'train');
  const stepCost = training?.kind === 'train' ? costs.ofStep(training) : 0;
  return { done, total: done + pending + following, stepCost, note: noteOf(course) };
}

function workToFollow(state: RunState, course: Course, costs: RunCosts): number {
  if (course.finale !== null) return 0;
  const { baselines, macsBaseline } = state.settings;
  const { cost, iterations } = iterationsToFollow(state, course, costs);
  const onTheWay = course.iterations.length + iterations;
  const compared = (baselines ? 3 : macsBaseline ? 1 : 0) + (macsBaseline ? 1 : 0);
  const sessions = (baselines && course.phase !== 'verifying' ? 2 : 0) + 1;
  return (
    cost +
    (macsBaseline ? macsToFollow(course, costs, onTheWay) : 0) +
    costs.sessions(sessions) +
    costs.finale(compared, onTheWay)
  );
}

/** NetAdapt by MACs is taken to need more iterations than the run itself, until it shows how fast it comes down. */
function macsToFollow(course: Course, costs: RunCosts, onTheWay: number): number {
  const { iterations, macsIterations, opening, standing, phase } = course;
  const trainings = trainingsOf(macsIterations) ?? trainingsOf(iterations) ?? 8;
  const last = macsIterations.at(-1);
  if (phase !== 'verifying' || opening === null || standing === null) {
    return costs.iterations(Math.ceil(MACS_DETOUR * onTheWay), trainings, 0.8);
  }
  if (last === undefined || last.next !== null) return 0;
  const latency = opening.reach[0]!.resource;
  const [seedMs, nowMs, goalMs] = [opening.seed, last.from, standing].map((at) => amountOf(at, latency));
  const perIteration = (seedMs! - nowMs!) / Math.max(1, last.index);
  const expected = perIteration > 0 ? Math.ceil((nowMs! - goalMs!) / perIteration) : MACS_DETOUR * onTheWay;
  // The one under way stands among the commands.
  return costs.iterations(Math.max(0, Math.min(expected, 5 * onTheWay) - 1), trainings, 0.7);
}

function trainingsOf(iterations: readonly Iteration[]): number | null {
  const seen = iterations.findLast(({ proposals }) => proposals.length > 0)?.proposals.length;
  return seen === undefined ? null : seen + 1;
}

/** Iterations after the one under way, which is taken to go as those before. */
function iterationsToFollow(
  state: RunState,
  course: Course,
  costs: RunCosts,
): { readonly cost: number; readonly iterations: number } {
  const { iterations, phase } = course;
  const { schedule, maxIterations, seed } = state.settings;
  if (phase === 'verifying') return { cost: 0, iterations: 0 };
  const perDelta = takenPerIteration(state, course);
  const groups = widthGroups(seed).filter(({ frozen }) => !frozen).length;
  const trainings = trainingsOf(iterations) ?? Math.ceil(PROPOSING_SHARE * groups) + 1;
  let count = 0;
  let cost = 0;
  for (const { share, goal } of toGo(state, course)) {
    let left = share;
    let index = Math.max(0, iterations.length - 1);
    while (left > goal && index < maxIterations && count < 1000) {
      const before = left;
      left -= perDelta * reductionAt(schedule, 1, index++);
      // The one under way stands among the commands.
      if (count++ > 0 || iterations.length === 0) cost += costs.iterations(1, trainings, before);
    }
  }
  return { cost, iterations: Math.max(0, count - (iterations.length > 0 ? 1 : 0)) };
}

/** For every limit, what the network needs and what it is to come down to, as shares of what the seed needs. */
function toGo(state: RunState, { opening, standing }: Course): readonly { share: number; goal: number }[] {
  if (opening === null || standing === null) {
    return state.settings.budget.map(({ limit }) => ({
      share: 1,
      goal: 'ratio' in limit ? limit.ratio : 0.5,
    }));
  }
  return opening.limits.map((limit: Limit) => {
    const seedAmount = amountOf(opening.seed, limit.resource);
    return {
      share: amountOf(standing, limit.resource) / seedAmount,
      goal: aimOf(standing, limit) / seedAmount,
    };
  });
}

/** In Δ: as the iterations so far have shown. */
function takenPerIteration({ settings }: RunState, { opening, iterations }: Course): number {
  const shown = iterations.flatMap(({ resource, from, next, index }) => {
    if (next === null || opening === null) return [];
    const step = reductionAt(settings.schedule, amountOf(opening.seed, resource), index);
    return [(amountOf(from, resource) - amountOf(next, resource)) / step];
  });
  const most = settings.maxChosenPerIteration;
  if (shown.length === 0) return OVERSHOOT * (1 + (most - 1) / 2);
  return Math.max(0.25, shown.reduce((sum, taken) => sum + taken, 0) / shown.length);
}

const NOTES: Readonly<Record<Exclude<Phase, 'iterating'>, string>> = {
  'seed-training': 'training the seed',
  'seed-measuring': 'measuring the seed',
  verifying: 'measuring the result beside the seed and its rivals',
  'final-training': 'long training of the result and its baselines',
  baselines: 'training the baselines',
  done: 'done',
};

function noteOf({ phase, iterations, macsIterations, commands }: Course): string {
  const rival = macsIterations.at(-1);
  if (phase === 'verifying' && rival !== undefined && rival.next === null) {
    return `for comparison, driven by MACs: ${iterationNote(rival, commands)}`;
  }
  const iteration = iterations.at(-1);
  if (phase !== 'iterating' || iteration === undefined) return NOTES[phase as keyof typeof NOTES];
  return iterationNote(iteration, commands);
}

function iterationNote(iteration: Iteration, commands: readonly Command[]): string {
  const number = `iteration ${iteration.index + 1}`;
  if (iteration.proposed === null) return `${number}: finding widths that meet the step`;
  if (iteration.chosen !== null) return `${number}: measuring the chosen network`;
  const trainings = commands.filter(({ kind }) => kind === 'train').length;
  const all = iteration.proposals.length;
  return `${number}: fine-tuning ${all} proposals, ${Math.max(0, all - trainings)} done`;
}
