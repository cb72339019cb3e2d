import { expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';
import { createBatchSampler } from '../../training/datasets/batches.js';
import { loadDataset } from '../../training/datasets/load-dataset.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { SEED_RECIPE } from '../../training/recipe/default-recipes.js';
import { oneHotTargets } from '../../training/recipe/soft-targets.js';
import { taylorImportance } from '../../training/recipe/taylor-importance.js';
import { trainNetwork } from '../../training/recipe/train-network.js';
import { unevenWeights } from './training-samples.js';

const NETWORK: Network = {
  name: 'little',
  nodes: [
    { id: 'input', op: 'input', inputs: [], shape: [28, 28, 1] },
    {
      id: 'conv',
      op: 'conv2d',
      inputs: ['input'],
      filters: 4,
      kernel: [3, 3],
      stride: [4, 4],
      padding: 'same',
      groups: 1,
      bias: false,
    },
    { id: 'bn', op: 'batchNorm', inputs: ['conv'], epsilon: 1e-3 },
    { id: 'relu', op: 'activation', inputs: ['bn'], activation: 'relu' },
    { id: 'pool', op: 'globalAvgPool', inputs: ['relu'] },
    { id: 'hidden', op: 'dense', inputs: ['pool'], units: 3, bias: true },
    { id: 'act', op: 'activation', inputs: ['hidden'], activation: 'hswish' },
    { id: 'dense', op: 'dense', inputs: ['act'], units: 10, bias: true },
  ],
};

function zeroed(weights: Weights, name: string, row: number): Weights {
  const { shape, data } = weights.get(name)!;
  const length = data.length / shape[0]!;
  const tensor: WeightTensor = {
    shape,
    data: data.map((value, i) => (Math.floor(i / length) === row ? 0 : value)),
  };
  return new Map([...weights, [name, tensor]]);
}

it('scores every filter by what the loss gains from it, and leaves the weights as they are', async () => {
  const trainer = await createOnnxruntimeTrainer();
  const mnist = await loadDataset({ kind: 'mnist' });
  // Filter 2 contributes nothing (γ = β = 0), nor does unit 1 (no kernel, no bias).
  let weights = unevenWeights(NETWORK, 4);
  for (const [name, row] of [
    ['bn/gamma', 2],
    ['bn/beta', 2],
    ['hidden/kernel', 1],
    ['hidden/bias', 1],
  ] as const) {
    weights = zeroed(weights, name, row);
  }
  const recipe = { ...SEED_RECIPE, steps: 0, batchSize: 16 };
  const scored = await trainNetwork(trainer, NETWORK, weights, mnist, recipe, { seed: 1, importance: true });
  const of = (id: string) => [...scored.importance!.get(`${id}/importance`)!.data];
  expect([...scored.importance!.keys()].sort()).toEqual([
    'conv/importance',
    'dense/importance',
    'hidden/importance',
  ]);
  expect(of('conv')[2]).toBe(0);
  expect(of('hidden')[1]).toBe(0);
  for (const filter of [0, 1, 3]) expect(of('conv')[filter]).toBeGreaterThan(0);
  for (const [name, { data }] of weights) expect(scored.weights.get(name)!.data).toEqual(data);
  const plain = await trainNetwork(trainer, NETWORK, weights, mnist, recipe, { seed: 1 });
  expect(plain.importance).toBeNull();
});

it('is (γ·∂L/∂γ + β·∂L/∂β)², summed over batches', async () => {
  const trainer = await createOnnxruntimeTrainer();
  const mnist = await loadDataset({ kind: 'mnist' });
  const weights = unevenWeights(NETWORK, 4);
  const lossAt = async (changed: Weights, seed: number): Promise<number> => {
    const session = await trainer.openTraining(NETWORK, changed, 64);
    const { images, labels } = createBatchSampler(mnist.train, 64, seed).at(0);
    const { loss } = await session.step(images, oneHotTargets(labels, 10), { learningRate: 0 });
    await session.close();
    return loss;
  };
  // By finite differences: scaling a channel's γ and β by 1 ± ε changes the loss by ±ε·(γg_γ + βg_β).
  const epsilon = 0.02;
  const scaled = (factor: number): Weights => {
    let changed = new Map(weights);
    for (const name of ['bn/gamma', 'bn/beta']) {
      const { shape, data } = weights.get(name)!;
      changed = new Map([
        ...changed,
        [name, { shape, data: data.map((v, i) => (i === 0 ? factor * v : v)) }],
      ]);
    }
    return changed;
  };
  const slope =
    ((await lossAt(scaled(1 + epsilon), 9)) - (await lossAt(scaled(1 - epsilon), 9))) / (2 * epsilon);
  const session = await trainer.openTraining(NETWORK, weights, 64);
  const scores = await taylorImportance(session, NETWORK, mnist, { seed: 9, first: 0, batches: 1 });
  await session.close();
  expect(scores.get('conv/importance')!.data[0]!).toBeCloseTo(slope ** 2, 5);
});
