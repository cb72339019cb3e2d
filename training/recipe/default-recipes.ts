import type { Recipe } from '../../contracts/job.js';

/**
 * A seed from fresh weights: 98.7 % on MNIST for the tiny MobileNetV3. That network bears a learning rate of 0.2 and then
 * reaches 99.0 %; MobileNetV2 diverges at 0.1, so the default is a rate that all families bear.
 */
export const SEED_RECIPE: Recipe = {
  steps: 1500,
  batchSize: 64,
  learningRate: 0.05,
  schedule: 'cosine',
  warmupSteps: 50,
  momentum: 0.9,
  weightDecay: 1e-4,
  batchNormMomentum: 0.97,
  averageStatisticsSteps: 50,
  distillation: 0,
};

/**
 * A proposal of NetAdapt. Hot enough to recover from the cut and then cooled to zero: short, cold fine-tuning makes
 * some cuts look two to six times as harmful as they are.
 */
export const FINE_TUNE_RECIPE: Recipe = {
  steps: 100,
  batchSize: 64,
  learningRate: 0.03,
  schedule: 'cosine',
  warmupSteps: 5,
  momentum: 0.9,
  weightDecay: 1e-4,
  batchNormMomentum: 0.97,
  averageStatisticsSteps: 30,
  distillation: 0,
};

/**
 * The network that a run ends with, and every baseline it is compared with; the seed is the teacher. Hotter than
 * fine-tuning: a tiny MobileNetV3 cut to 0.6 of every width ends at 98.7 % on MNIST, against 98.3 % at 0.03.
 */
export const FINAL_RECIPE: Recipe = {
  steps: 1000,
  batchSize: 64,
  learningRate: 0.1,
  schedule: 'cosine',
  warmupSteps: 20,
  momentum: 0.9,
  weightDecay: 1e-4,
  batchNormMomentum: 0.97,
  averageStatisticsSteps: 50,
  distillation: 0.6,
};

/**
 * Short-term fine-tuning as NetAdapt describes it: a constant, small learning rate. 0.005, since 0.02 leaves easy
 * proposals worse than no fine-tuning at all.
 * @see Yang et al. 2018, section 3.2, https://arxiv.org/abs/1804.03230
 */
export const PAPER_FINE_TUNE_RECIPE: Recipe = {
  ...FINE_TUNE_RECIPE,
  learningRate: 0.005,
  schedule: 'constant',
  warmupSteps: 0,
  averageStatisticsSteps: 0,
};
