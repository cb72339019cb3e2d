import { expect, test } from 'vitest';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Weights } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { createBatchSampler } from '../../training/datasets/batches.js';
import { loadDataset } from '../../training/datasets/load-dataset.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { SEED_RECIPE } from '../../training/recipe/default-recipes.js';
import { evaluateNetwork } from '../../training/recipe/evaluate-network.js';
import { oneHotTargets } from '../../training/recipe/soft-targets.js';
import { trainNetwork } from '../../training/recipe/train-network.js';
import { oracleStep } from './cpu-oracle.js';

const MNIST = await loadDataset({ kind: 'mnist' });
const network = buildZooNetwork('mobilenet-v3-tiny', { width: 0.5, stemStride: 1 });
const START = initializeWeights(network, seededRng(3));
const [BATCH, STEPS, RATE, MOMENTUM] = [6, 12, 0.05, 0.9];

function batchAt(step: number) {
  const { images, labels } = createBatchSampler(MNIST.train, BATCH, 11).at(step);
  return { images: images.slice(), targets: oneHotTargets(labels, 10).slice() };
}

/** SGD by hand over gradients of automatic differentiation in plain JavaScript. */
async function plainCurve(): Promise<number[]> {
  const weights = new Map([...START].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
  const velocities = new Map([...START].map(([name, { data }]) => [name, new Float32Array(data.length)]));
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const { images, targets } = batchAt(step);
    const { loss, gradients } = await oracleStep(network, weights as Weights, images, targets);
    losses.push(loss);
    for (const [name, { data }] of gradients) {
      const velocity = velocities.get(name)!;
      const values = weights.get(name)!.data;
      for (let i = 0; i < data.length; i++) {
        velocity[i] = MOMENTUM * velocity[i]! + data[i]!;
        values[i] = values[i]! - RATE * velocity[i]!;
      }
    }
  }
  return losses;
}

let known: Promise<readonly number[]> | undefined;
/** Half a minute of plain JavaScript, the same for every engine that is held against it. */
const plainLosses = () => (known ??= plainCurve());

test.each(['auto', 'standard'] as const)(
  'the loss curve of real batches is that of plain differentiation (depthwise: %s)',
  { timeout: 120_000 },
  async (depthwise) => {
    const trainer = await createOnnxruntimeTrainer({ depthwise });
    const session = await trainer.openTraining(network, START, BATCH);
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const { images, targets } = batchAt(step);
      losses.push((await session.step(images, targets, { learningRate: RATE, momentum: MOMENTUM })).loss);
    }
    await session.close();
    const plain = await plainLosses();
    // Rounding grows with every step; a wrong gradient shows at once.
    losses.forEach((loss, step) => {
      expect(Math.abs(loss / plain[step]! - 1), `step ${step}: ${loss} against ${plain[step]}`).toBeLessThan(
        step < 6 ? 1e-3 : 2e-2,
      );
    });
  },
);

test('four hundred steps of MNIST teach more than nine digits of ten', { timeout: 120_000 }, async () => {
  const trainer = await createOnnxruntimeTrainer();
  const tiny = buildZooNetwork('mobilenet-v3-tiny', {});
  const weights = initializeWeights(tiny, seededRng(1));
  const recipe = { ...SEED_RECIPE, steps: 400 };
  const trained = await trainNetwork(trainer, tiny, weights, MNIST, recipe, { seed: 1 });
  const { accuracy } = await evaluateNetwork(trainer, tiny, trained.weights, MNIST.holdout);
  expect(accuracy).toBeGreaterThan(0.9);
});
