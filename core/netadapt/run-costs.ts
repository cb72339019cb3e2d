import { countMacs } from '../network/macs.js';
import type { Command, RecipeName, TrainCommand } from './command.js';
import type { Course } from './course/course.js';
import type { RunState } from './run-state.js';

/** Part of a training step's time that no width changes, in steps of the seed: nodes cost something each. */
const FIXED_SHARE = 0.35;

/** A measuring session, a search for widths, or an evaluation, in steps of the seed that take as long. */
const SESSION_COST = 100;
const EVALUATION_COST = 15;

/** Trainings that run side by side: what the smallest machine has. More of them end a run sooner than was said. */
const TRAINERS = 2;

/**
 * What the parts of a run cost in wall time, in optimisation steps of the seed: a step of a network with fewer MACs is
 * cheaper, and trainings that come in numbers share the trainers.
 */
export class RunCosts {
  private readonly seedMacs: number;
  private readonly weightByPath = new Map<string, number>();

  constructor(
    private readonly state: RunState,
    private readonly course: Course,
  ) {
    this.seedMacs = countMacs(state.settings.seed);
    for (const [prefix, iterations] of [
      ['', course.iterations],
      ['macs/', course.macsIterations],
    ] as const) {
      for (const { index, from } of iterations) {
        this.weightByPath.set(`${prefix}iteration/${index + 1}`, this.weight(countMacs(from.network)));
      }
    }
  }

  /** All work whose result is known. */
  done(): number {
    const { trained, trainingFailures, measured, proposed } = this.state;
    const trainings = [...trained.keys(), ...trainingFailures.keys()];
    return (
      trainings.reduce((sum, key) => sum + this.ofFinishedTraining(key), 0) +
      this.sessions(measured.size + proposed.size)
    );
  }

  ofCommand(command: Command): number {
    if (command.kind === 'train') {
      const steps = this.stepsOf(command.recipe) + command.extraSteps;
      return this.training(steps, this.weight(countMacs(command.network)), command.key);
    }
    return command.kind === 'measure' || command.kind === 'propose' ? SESSION_COST : 0;
  }

  /** One step of a training that is under way. */
  ofStep({ key, network }: TrainCommand): number {
    return this.weight(countMacs(network)) / this.sharing(key);
  }

  sessions(count: number): number {
    return count * SESSION_COST;
  }

  /**
   * Iterations to come.
   * @param trainings in each, the joint one apart
   * @param share of the seed's MACs that their networks are taken to have
   */
  iterations(count: number, trainings: number, share: number): number {
    const { fineTune } = this.state.settings.steps;
    const weight = this.weight(share * this.seedMacs);
    const together = trainings * this.training(fineTune, weight, 'proposal');
    return count * (together + this.training(fineTune, weight, 'joint') + this.sessions(2));
  }

  /** The long trainings at the end: the adapted network's and those of so many baselines. */
  finale(baselines: number, iterations: number): number {
    const { final, fineTune } = this.state.settings.steps;
    const narrow = this.weight(0.6 * this.seedMacs);
    const others = Math.max(0, baselines - 1) * this.training(final + iterations * fineTune, narrow, 'final');
    const seed = baselines > 0 ? this.training(final + iterations * fineTune, 1, 'final') : 0;
    return this.training(final, narrow, 'final') + others + seed;
  }

  private ofFinishedTraining(key: string): number {
    if (key === 'seed/train') {
      const recipe = this.state.settings.seedWeights === null ? 'seed' : 'evaluate';
      return this.training(this.stepsOf(recipe), 1, key);
    }
    if (key === 'final/seed-as-given') return this.training(0, 1, key);
    const { final, fineTune } = this.state.settings.steps;
    if (key.startsWith('final/')) {
      const { standing, closing } = this.course;
      const name = key.slice('final/'.length);
      const rival = closing?.rivals.find((other) => other.rival.name === name)?.rival;
      const network = rival?.network ?? (name === 'seed' ? this.state.settings.seed : standing?.network);
      const seen = name === 'adapted' ? standing?.stepsSinceSeed : (rival?.stepsSinceSeed ?? 0);
      const extra = Math.max(0, (standing?.stepsSinceSeed ?? 0) - (seen ?? 0));
      return this.training(final + extra, this.weight(countMacs(network ?? this.state.settings.seed)), key);
    }
    if (key.endsWith('/importance')) return this.training(0, 1, key);
    const path = /^(?:macs\/)?iteration\/\d+/.exec(key)?.[0] ?? '';
    return this.training(fineTune, this.weightByPath.get(path) ?? 1, key);
  }

  private training(steps: number, weight: number, key: string): number {
    return (steps * weight + EVALUATION_COST) / this.sharing(key);
  }

  /**
   * How many trainings go on at once beside this one. Some have the machine to themselves: nothing else can be done before
   * they end; the few long ones at the end leave a trainer idle for a while.
   */
  private sharing(key: string): number {
    if (key === 'seed/train' || key.endsWith('joint')) return 1;
    if (!key.startsWith('final')) return TRAINERS;
    const { baselines, macsBaseline } = this.state.settings;
    const count = baselines ? (macsBaseline ? 5 : 4) : 1;
    return count / Math.ceil(count / TRAINERS);
  }

  private stepsOf(recipe: RecipeName): number {
    const { seed, fineTune, final } = this.state.settings.steps;
    return { seed, 'fine-tune': fineTune, final, evaluate: 0 }[recipe];
  }

  /** Of a training step, in steps of the seed. */
  private weight(macs: number): number {
    return FIXED_SHARE + (1 - FIXED_SHARE) * (macs / this.seedMacs);
  }
}
