import type { Recipe } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import { createBatchSampler } from '../datasets/batches.js';
import type { Dataset } from '../datasets/dataset.js';
import type { InferenceSession, Trainer, TrainingSession } from '../trainer.js';
import { checkDatasetFits } from './check-dataset-fits.js';
import { learningRateAt } from './learning-rate.js';
import type { RunControl } from './run-control.js';
import { oneHotTargets, softTargets } from './soft-targets.js';
import { statisticsMomentumAt } from './statistics-momentum.js';
import { taylorImportance } from './taylor-importance.js';

export interface TrainOptions extends RunControl {
  /** Fixes which images each step sees. Equal seeds see equal batches, whatever the network. */
  readonly seed: number;
  /** Needed when the recipe distils: usually the seed of the adaptation. */
  readonly teacher?: { readonly network: Network; readonly weights: Weights } | undefined;
  /** Whether to find out how important each filter is in the end. */
  readonly importance?: boolean;
}

export interface TrainedNetwork {
  readonly weights: Weights;
  /** Mean training loss of the last slice in nats; null without steps. */
  readonly finalLossNats: number | null;
  /** See {@link taylorImportance}; null unless asked for. */
  readonly importance: Weights | null;
}

const STEPS_PER_SLICE = 20;

/**
 * Trains a network on the training part of a data set as a recipe says, with any engine. The outcome depends on its
 * arguments alone.
 * @throws LutraError `training-failed` when the loss is no longer finite, `dataset-mismatch`, `invalid-request` when
 * the recipe distils without a teacher; what the trainer throws; the signal's reason
 */
export async function trainNetwork(
  trainer: Trainer,
  network: Network,
  weights: Weights,
  dataset: Dataset,
  recipe: Recipe,
  options: TrainOptions,
): Promise<TrainedNetwork> {
  checkDatasetFits(network, dataset);
  options.signal?.throwIfAborted();
  await options.gate?.();
  const teacher = await openTeacher(trainer, dataset, recipe, options);
  try {
    const session = await trainer.openTraining(network, weights, recipe.batchSize);
    try {
      const finalLossNats = await runSteps(session, teacher, dataset, recipe, options);
      const weights = session.weights();
      if (options.importance !== true) return { weights, finalLossNats, importance: null };
      await options.gate?.();
      const batches = { seed: options.seed, first: recipe.steps };
      return {
        weights,
        finalLossNats,
        importance: await taylorImportance(session, network, dataset, batches),
      };
    } finally {
      await session.close();
    }
  } finally {
    await teacher?.close();
  }
}

async function openTeacher(
  trainer: Trainer,
  dataset: Dataset,
  recipe: Recipe,
  { teacher }: TrainOptions,
): Promise<InferenceSession | undefined> {
  if (recipe.distillation === 0) return undefined;
  if (teacher === undefined) {
    throw new LutraError('invalid-request', 'a recipe with distillation needs a teacher', {
      pointer: '/teacher',
    });
  }
  checkDatasetFits(teacher.network, dataset);
  return trainer.openInference(teacher.network, teacher.weights, recipe.batchSize);
}

async function runSteps(
  session: TrainingSession,
  teacher: InferenceSession | undefined,
  dataset: Dataset,
  recipe: Recipe,
  { seed, onProgress, signal, gate }: TrainOptions,
): Promise<number | null> {
  const sampler = createBatchSampler(dataset.train, recipe.batchSize, seed);
  let sliceLoss = 0;
  let sliceStart = 0;
  let lastMean: number | null = null;
  for (let step = 0; step < recipe.steps; step++) {
    signal?.throwIfAborted();
    if (step === sliceStart && step > 0) await gate?.();
    const { images, labels } = sampler.at(step);
    const targets =
      teacher === undefined
        ? oneHotTargets(labels, dataset.classes)
        : softTargets(labels, await teacher.logits(images), recipe.distillation);
    const { loss } = await session.step(images, targets, {
      learningRate: learningRateAt(step, recipe),
      momentum: recipe.momentum,
      weightDecay: recipe.weightDecay,
      batchNormMomentum: statisticsMomentumAt(step, recipe),
    });
    if (!Number.isFinite(loss)) {
      throw new LutraError('training-failed', `the loss of step ${step} is ${loss}`, { details: { step } });
    }
    sliceLoss += loss;
    if (step + 1 - sliceStart < STEPS_PER_SLICE && step + 1 < recipe.steps) continue;
    lastMean = sliceLoss / (step + 1 - sliceStart);
    onProgress?.({ step: step + 1, steps: recipe.steps, lossNats: lastMean });
    sliceLoss = 0;
    sliceStart = step + 1;
  }
  return lastMean;
}
