import { describe, expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import type { Trainer } from '../../training/trainer.js';
import { type OracleStep, oracleStep } from './cpu-oracle.js';
import { expectCloseGradients, relativeDeviation } from './expect-close.js';
import { oddNetwork } from './odd-network.js';
import { randomBatch, unevenWeights } from './training-samples.js';

const BATCH = 8;

const small = { inputChannels: 3, classes: 5 };
const NETWORKS: Readonly<Record<string, Network>> = {
  'odd channels, kernels, strides and maps': oddNetwork(),
  'mobilenet-v1': buildZooNetwork('mobilenet-v1', { ...small, width: 0.1, resolution: 32 }),
  'mobilenet-v2': buildZooNetwork('mobilenet-v2', { ...small, width: 0.1, resolution: 32 }),
  'mobilenet-v3-large': buildZooNetwork('mobilenet-v3-large', { ...small, width: 0.1, resolution: 32 }),
  'mobilenet-v3-small': buildZooNetwork('mobilenet-v3-small', { ...small, width: 0.1, resolution: 32 }),
  'mobilenet-v3-tiny': buildZooNetwork('mobilenet-v3-tiny', { ...small, resolution: 20 }),
  'mobilenet-v3-tiny, stride-1 stem': buildZooNetwork('mobilenet-v3-tiny', {
    ...small,
    width: 0.5,
    stemStride: 1,
  }),
};

/**
 * A pre-activation within rounding of a kink (0 of relu, ±3 of h-swish) may fall on either side of it, and takes a part
 * of every gradient before it along. So a network has three batches to agree on: rounding hits one of them, an error in
 * a rule all.
 */
const BATCH_SEEDS = [2, 3, 4];

describe.each(Object.entries(NETWORKS))('%s', (_, network) => {
  const weights = unevenWeights(network, 1);
  const expected = new Map<number, Promise<OracleStep>>();

  async function expectOracle(trainer: Trainer, seed: number): Promise<void> {
    const { images, targets } = randomBatch(network, BATCH, seed);
    if (!expected.has(seed)) expected.set(seed, oracleStep(network, weights, images, targets));
    const { gradients, statistics, loss: expectedLoss } = await expected.get(seed)!;
    const session = await trainer.openTraining(network, weights, BATCH);
    const { loss } = await session.step(images, targets, { learningRate: 0, batchNormMomentum: 0.9 });
    const after = session.weights();
    const actual = session.gradients();
    await session.close();
    expect(loss).toBeCloseTo(expectedLoss, 4);
    expectCloseGradients(actual, gradients, 1e-3);
    // Not smoothed, or smoothed twice, if a batch norm wrote its statistics onto its inputs.
    for (const [name, statistic] of statistics) {
      const smoothed = weights.get(name)!.data.map((old, i) => 0.9 * old + 0.1 * statistic[i]!);
      expect(relativeDeviation(after.get(name)!.data, smoothed), name).toBeLessThan(1e-3);
    }
  }

  it.each(['auto', 'standard'] as const)(
    'has the gradients and statistics of automatic differentiation (depthwise: %s)',
    async (depthwise) => {
      const trainer = await createOnnxruntimeTrainer({ depthwise });
      const failures: unknown[] = [];
      for (const seed of BATCH_SEEDS) {
        try {
          await expectOracle(trainer, seed);
          return;
        } catch (error) {
          failures.push(error);
        }
      }
      throw failures[0];
    },
  );
});
