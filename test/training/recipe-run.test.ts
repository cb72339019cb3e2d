import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Recipe } from '../../contracts/job.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';
import { createBatchSampler } from '../../training/datasets/batches.js';
import type { Dataset, Split } from '../../training/datasets/dataset.js';
import { loadDataset } from '../../training/datasets/load-dataset.js';
import { SEED_RECIPE } from '../../training/recipe/default-recipes.js';
import { evaluateNetwork } from '../../training/recipe/evaluate-network.js';
import { oneHotTargets } from '../../training/recipe/soft-targets.js';
import { trainNetwork } from '../../training/recipe/train-network.js';
import { tfjsTrainerOver } from '../../training/tfjs/tfjs-trainer.js';
import { oracleLogits, oracleStep } from './cpu-oracle.js';
import { expectCloseTensors, relativeDeviation } from './expect-close.js';

/** Small enough for TensorFlow in plain JavaScript, and real: MNIST through a convolution with batch norm. */
const NETWORK: Network = {
  name: 'little',
  nodes: [
    { id: 'input', op: 'input', inputs: [], shape: [28, 28, 1] },
    {
      id: 'conv',
      op: 'conv2d',
      inputs: ['input'],
      filters: 4,
      kernel: [5, 5],
      stride: [4, 4],
      padding: 'same',
      groups: 1,
      bias: false,
    },
    { id: 'bn', op: 'batchNorm', inputs: ['conv'], epsilon: 1e-3 },
    { id: 'relu', op: 'activation', inputs: ['bn'], activation: 'relu' },
    { id: 'flatten', op: 'flatten', inputs: ['relu'] },
    { id: 'dense', op: 'dense', inputs: ['flatten'], units: 10, bias: true },
  ],
};
const WEIGHTS = initializeWeights(NETWORK, seededRng(1));
const RECIPE: Recipe = { ...SEED_RECIPE, steps: 45, batchSize: 8, learningRate: 0.02, warmupSteps: 5 };

const trainer = tfjsTrainerOver(tf);
let mnist: Dataset;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const all = await loadDataset({ kind: 'mnist' });
  mnist = { ...all, holdout: first(all.holdout, 510), test: first(all.test, 100) };
});

const train = (recipe: Partial<Recipe> = {}, options: Partial<Parameters<typeof trainNetwork>[5]> = {}) =>
  trainNetwork(trainer, NETWORK, WEIGHTS, mnist, { ...RECIPE, ...recipe }, { seed: 7, ...options });

describe('trainNetwork', () => {
  it('learns digits', async () => {
    const losses: number[] = [];
    const { weights, finalLossNats } = await train(
      { steps: 150, batchSize: 16, learningRate: 0.05 },
      { onProgress: ({ lossNats }) => losses.push(lossNats) },
    );
    const before = await evaluateNetwork(trainer, NETWORK, WEIGHTS, mnist.holdout);
    const after = await evaluateNetwork(trainer, NETWORK, weights, mnist.holdout);
    expect(before.accuracy).toBeLessThan(0.3);
    expect(after.accuracy).toBeGreaterThan(0.8);
    expect(after.calibratedLossNats).toBeLessThan(0.7);
    expect(finalLossNats).toBe(losses.at(-1));
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  it('gives the same weights for the same seed, others for another', async () => {
    const [first, again, other] = [await train(), await train(), await train({}, { seed: 8 })];
    expectCloseTensors(again.weights, first.weights, 0);
    const name = 'conv/kernel';
    expect(relativeDeviation(other.weights.get(name)!.data, first.weights.get(name)!.data)).toBeGreaterThan(
      1e-3,
    );
  });

  it('waits at the gate before it opens a session and before every slice', async () => {
    const log: string[] = [];
    await train(
      {},
      {
        gate: async () => {
          log.push('gate asked');
          await new Promise((resolve) => setTimeout(resolve, 5));
          log.push('gate open');
        },
        onProgress: ({ step, steps }) => log.push(`step ${step} of ${steps}`),
      },
    );
    const gate = ['gate asked', 'gate open'];
    expect(log).toEqual([...gate, 'step 20 of 45', ...gate, 'step 40 of 45', ...gate, 'step 45 of 45']);
  });

  it('ends when it is told to, and leaves nothing open', async () => {
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const steps: number[] = [];
    const run = train(
      {},
      {
        signal: abort.signal,
        onProgress: ({ step }) => {
          steps.push(step);
          abort.abort(new Error('enough'));
        },
      },
    );
    await expect(run).rejects.toThrow('enough');
    expect(steps).toEqual([20]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says so when the loss is no number any more', async () => {
    const before = tf.memory().numTensors;
    await expect(train({ learningRate: 1e30, schedule: 'constant', warmupSteps: 0 })).rejects.toMatchObject({
      code: 'training-failed',
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('returns what it was given when there are no steps', async () => {
    const { weights, finalLossNats } = await train({ steps: 0 });
    expect(finalLossNats).toBeNull();
    expectCloseTensors(weights, WEIGHTS, 0);
  });

  it('averages batch-norm statistics over the last steps', async () => {
    const recipe = { steps: 5, averageStatisticsSteps: 3, learningRate: 1e-30 };
    const { weights } = await train(recipe);
    const sampler = createBatchSampler(mnist.train, RECIPE.batchSize, 7);
    const means = await Promise.all(
      [2, 3, 4].map(async (step) => {
        const { images, labels } = sampler.at(step);
        const { statistics } = await oracleStep(NETWORK, WEIGHTS, images.slice(), oneHotTargets(labels, 10));
        return statistics.get('bn/mean')!;
      }),
    );
    const expected = means[0]!.map((_, c) => means.reduce((sum, mean) => sum + mean[c]!, 0) / 3);
    expect(relativeDeviation(weights.get('bn/mean')!.data, expected)).toBeLessThan(1e-5);
  });

  it('learns from a teacher', async () => {
    const alwaysThree = new Map(WEIGHTS);
    const bias = Float32Array.from({ length: 10 }, (_, c) => (c === 3 ? 30 : 0));
    alwaysThree.set('dense/bias', { shape: [10], data: bias });
    const teacher = { network: NETWORK, weights: alwaysThree as Weights };
    const { weights } = await train({ distillation: 1, steps: 60 }, { teacher });
    const logits = await oracleLogits(NETWORK, weights, new Float32Array(28 * 28).fill(-0.5));
    expect(logits.indexOf(Math.max(...logits))).toBe(3);
    await expect(train({ distillation: 0.6 })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('refuses a network that does not fit the data set', async () => {
    const wide = {
      ...NETWORK,
      nodes: [{ ...NETWORK.nodes[0]!, shape: [32, 32, 3] }, ...NETWORK.nodes.slice(1)],
    };
    await expect(
      trainNetwork(trainer, wide as Network, WEIGHTS, mnist, RECIPE, { seed: 1 }),
    ).rejects.toMatchObject({
      code: 'dataset-mismatch',
      message: expect.stringContaining('32x32x3, but those of mnist are 28x28x1'),
    });
    const fewer = {
      ...NETWORK,
      nodes: [...NETWORK.nodes.slice(0, -1), { ...NETWORK.nodes.at(-1)!, units: 9 }],
    };
    await expect(
      trainNetwork(trainer, fewer as Network, WEIGHTS, mnist, RECIPE, { seed: 1 }),
    ).rejects.toMatchObject({
      code: 'dataset-mismatch',
      message: expect.stringContaining('1x1x9, but mnist has 10 classes'),
    });
  });
});

describe('evaluateNetwork', () => {
  it('counts every image once, whatever the batch', async () => {
    const [exact, ragged] = await Promise.all(
      [51, 100].map((batchSize) => evaluateNetwork(trainer, NETWORK, WEIGHTS, mnist.holdout, { batchSize })),
    );
    expect(exact!.count).toBe(510);
    expect(ragged!.accuracy).toBe(exact!.accuracy);
    expect(ragged!.lossNats).toBeCloseTo(exact!.lossNats, 5);
  });

  it('is the share of images whose label has the highest score', async () => {
    const { images, labels, count } = mnist.test;
    const scores = await oracleLogits(
      NETWORK,
      WEIGHTS,
      Float32Array.from(images, (byte) => byte / 127.5 - 1),
    );
    let right = 0;
    for (let i = 0; i < count; i++) {
      const row = [...scores.subarray(i * 10, i * 10 + 10)];
      if (row.indexOf(Math.max(...row)) === labels[i]) right++;
    }
    expect((await evaluateNetwork(trainer, NETWORK, WEIGHTS, mnist.test)).accuracy).toBe(right / count);
  });

  it('refuses scores that are no numbers', async () => {
    const broken = new Map(WEIGHTS).set('dense/bias', {
      shape: [10],
      data: new Float32Array(10).fill(Number.NaN),
    });
    await expect(evaluateNetwork(trainer, NETWORK, broken, mnist.test)).rejects.toMatchObject({
      code: 'training-failed',
    });
  });

  it('waits at the gate and ends when told to', async () => {
    let asked = 0;
    const gate = async () => {
      asked++;
    };
    await evaluateNetwork(trainer, NETWORK, WEIGHTS, mnist.holdout, { batchSize: 10, gate });
    expect(asked).toBe(3);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(evaluateNetwork(trainer, NETWORK, WEIGHTS, mnist.test, { signal })).rejects.toThrow(
      'stopped',
    );
  });
});

function first(split: Split, count: number): Split {
  const imageBytes = split.images.length / split.count;
  return {
    images: split.images.subarray(0, count * imageBytes),
    labels: split.labels.subarray(0, count),
    count,
  };
}
