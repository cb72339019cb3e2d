import type { Network } from '../../network/network.js';
import type { TrainCommand, WeightSource } from '../command.js';
import type { RunEventOf } from '../run-event.js';
import type { RunState } from '../run-state.js';
import type { Closing } from './closing.js';
import type { Opening } from './opening.js';
import type { Rival } from './rival.js';
import { seedAsTeacher } from './seed-as-teacher.js';
import type { Standing } from './standing.js';

/** The long trainings at the end, and the only reading of the test set. */
export interface Finale {
  readonly adapted: RunEventOf<'trained'> | null;
  /** The seed as it was when the run began. */
  readonly seedAsGiven: RunEventOf<'trained'> | null;
  /** By name: `seed` and those of the rivals; null when its training failed. */
  readonly baselines: ReadonlyMap<string, RunEventOf<'trained'> | null>;
  readonly commands: readonly TrainCommand[];
}

/**
 * Trains the adapted network long, taught by the seed, and every baseline with the same recipe for as many more steps as
 * the adapted network saw on its way and the baseline did not, so that none is worse for having been trained less.
 */
export function finaleStage(
  state: RunState,
  opening: Opening,
  standing: Standing,
  closing: Closing,
): Finale | null {
  const seedWeights = opening.seed.trained?.weights;
  const importance = opening.seed.trained?.importance ?? null;
  if (seedWeights === undefined || standing.trained === null) return null;
  const seed = opening.seed.network;
  const stored = (weights: string): WeightSource => ({ kind: 'stored', weights });
  const long = (name: string, network: Network, start: WeightSource, stepsSeen: number): TrainCommand => ({
    kind: 'train',
    key: `final/${name}`,
    recipe: 'final',
    network,
    start,
    extraSteps: Math.max(0, standing.stepsSinceSeed - stepsSeen),
    batchSeed: state.settings.randomSeed,
    teacher: seedAsTeacher(opening),
    importance: false,
    test: true,
    vital: false,
  });
  const startOf = ({ start }: Rival): WeightSource =>
    start.kind === 'own'
      ? stored(start.weights)
      : { kind: 'cut', weights: seedWeights, importance, network: seed, widths: start.widths };
  const adapted = {
    ...long('adapted', standing.network, stored(standing.trained.weights), standing.stepsSinceSeed),
    vital: true,
  };
  const seedAsGiven: TrainCommand = {
    ...long('seed-as-given', seed, stored(seedWeights), standing.stepsSinceSeed),
    recipe: 'evaluate',
    teacher: null,
    vital: true,
  };
  const compared = state.settings.baselines || closing.rivals.length > 0;
  const baselines = [
    ...(compared ? [long('seed', seed, stored(seedWeights), 0)] : []),
    ...closing.rivals.map(({ rival }) =>
      long(rival.name, rival.network, startOf(rival), rival.stepsSinceSeed),
    ),
  ];
  const pending = ({ key }: TrainCommand): boolean =>
    !state.trained.has(key) && !state.trainingFailures.has(key);
  return {
    adapted: state.trained.get(adapted.key) ?? null,
    seedAsGiven: state.trained.get(seedAsGiven.key) ?? null,
    baselines: new Map(
      baselines.map(({ key }) => [key.slice('final/'.length), state.trained.get(key) ?? null]),
    ),
    commands: [adapted, ...baselines, seedAsGiven].filter(pending),
  };
}
