import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Conv2dNode, LayerNode, Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { foldBatchNorm } from '../../training/tfjs/fold-batch-norm.js';
import { forward } from '../../training/tfjs/forward.js';
import { createWeightVariables } from '../../training/tfjs/weight-variables.js';
import { arbitraryNetwork } from '../network/arbitrary-network.js';
import { referenceInference } from '../network/reference-inference.js';
import { oracleLogits, oracleStep } from './cpu-oracle.js';
import { relativeDeviation } from './expect-close.js';
import { randomBatch, unevenWeights } from './training-samples.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** One layer after the input, then the mean over the map and three classes. */
function single(shape: readonly [number, number, number], layers: readonly LayerNode[]): Network {
  return {
    name: 'single',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape },
      ...layers,
      { id: 'flatten', op: 'flatten', inputs: [layers.at(-1)!.id] },
      { id: 'dense', op: 'dense', inputs: ['flatten'], units: 3, bias: true },
    ],
  };
}

const conv = (fields: Partial<Conv2dNode>): Conv2dNode => ({
  id: 'conv',
  op: 'conv2d',
  inputs: ['input'],
  filters: 1,
  kernel: [3, 3],
  stride: [1, 1],
  padding: 'same',
  groups: 1,
  bias: true,
  ...fields,
});

const SPECIAL: readonly (readonly [string, Network])[] = [
  ['depthwise with unequal strides', single([7, 6, 4], [conv({ filters: 4, groups: 4, stride: [2, 1] })])],
  ['depthwise with a multiplier', single([5, 5, 2], [conv({ filters: 6, groups: 2 })])],
  [
    'uneven explicit padding',
    single([6, 5, 2], [conv({ filters: 3, stride: [2, 2], padding: [0, 2, 1, 3] })]),
  ],
  ['a kernel that is not square', single([6, 7, 2], [conv({ filters: 3, kernel: [1, 5], stride: [1, 2] })])],
  [
    'max pool with explicit padding',
    single(
      [5, 5, 3],
      [
        {
          id: 'pool',
          op: 'maxPool',
          inputs: ['input'],
          kernel: [3, 3],
          stride: [2, 2],
          padding: [1, 1, 1, 1],
        },
      ],
    ),
  ],
  [
    'average pool with explicit padding',
    single(
      [5, 5, 3],
      [
        {
          id: 'pool',
          op: 'avgPool',
          inputs: ['input'],
          kernel: [3, 3],
          stride: [2, 2],
          padding: [1, 0, 1, 2],
        },
      ],
    ),
  ],
];

describe('forward', () => {
  it.each(SPECIAL)('is what plain loops compute: %s', async (_, network) => {
    await expectAsReference(network, unevenWeights(network, 1), 3);
  });

  it('is what plain loops compute, for any network', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryNetwork(), fc.integer({ min: 0, max: 1e6 }), async (network, seed) => {
        await expectAsReference(network, unevenWeights(network, seed), 2);
      }),
      { numRuns: 150 },
    );
  });

  it('is in training what it would be with running statistics equal to those of the batch', async () => {
    const network = single(
      [4, 4, 2],
      [
        conv({ filters: 5 }),
        { id: 'bn', op: 'batchNorm', inputs: ['conv'], epsilon: 1e-3 },
        { id: 'act', op: 'activation', inputs: ['bn'], activation: 'hswish' },
        conv({ id: 'conv2', inputs: ['act'], filters: 3, stride: [2, 2], padding: 'valid', bias: false }),
        { id: 'bn2', op: 'batchNorm', inputs: ['conv2'], epsilon: 1e-3 },
      ],
    );
    const weights = unevenWeights(network, 3);
    const { images, targets } = randomBatch(network, 5, 4);
    const { loss, statistics } = await oracleStep(network, weights, images, targets);
    const withBatchStatistics = new Map(weights);
    for (const [name, data] of statistics) withBatchStatistics.set(name, { shape: [data.length], data });
    expect(loss).toBeCloseTo(referenceLoss(network, withBatchStatistics, images, targets), 5);
  });

  it('has the gradient that differences of plain loops have', async () => {
    const network = single(
      [6, 6, 2],
      [
        conv({ filters: 4, stride: [2, 2] }),
        { id: 'act', op: 'activation', inputs: ['conv'], activation: 'swish' },
        conv({ id: 'depthwise', inputs: ['act'], filters: 4, groups: 4 }),
        { id: 'pool', op: 'globalAvgPool', inputs: ['depthwise'] },
        { id: 'gate', op: 'activation', inputs: ['pool'], activation: 'sigmoid' },
        { id: 'scale', op: 'mul', inputs: ['act', 'gate'] },
        { id: 'add', op: 'add', inputs: ['scale', 'depthwise'] },
        { id: 'concat', op: 'concat', inputs: ['add', 'act'] },
      ],
    );
    const weights = unevenWeights(network, 5);
    const { images, targets } = randomBatch(network, 3, 6);
    const { gradients } = await oracleStep(network, weights, images, targets);
    for (const [name, { data }] of weights) {
      const expected = data.map((_, i) => difference(network, weights, name, i, images, targets));
      expect(relativeDeviation(gradients.get(name)!.data, expected), name).toBeLessThan(1e-3);
    }
  });

  it('leaves no tensor behind', async () => {
    const network = single([5, 5, 2], [conv({ filters: 4 })]);
    const before = tf.memory().numTensors;
    const variables = createWeightVariables(tf, network, unevenWeights(network, 1));
    tf.tidy(() => {
      forward(tf, network, variables.all, tf.ones([1, 5, 5, 2]));
    });
    expect(tf.memory().numTensors).toBe(before + 4);
    variables.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('folding batch norm', () => {
  it('does not change what a network computes', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryNetwork(), fc.integer({ min: 0, max: 1e6 }), async (network, seed) => {
        const weights = unevenWeights(network, seed);
        const { images } = randomBatch(network, 2, seed);
        const folded = foldBatchNorm(network, weights);
        const expected = await oracleLogits(network, weights, images);
        expect(
          relativeDeviation(await oracleLogits(folded.network, folded.weights, images), expected, 1),
        ).toBeLessThan(1e-4);
      }),
      { numRuns: 80 },
    );
  });

  it('takes those after a convolution that nothing else reads, and leaves the rest', () => {
    const norm = (id: string, input: string): LayerNode => ({
      id,
      op: 'batchNorm',
      inputs: [input],
      epsilon: 1e-3,
    });
    const network = single(
      [4, 4, 2],
      [
        conv({ filters: 2, bias: false }),
        norm('folds', 'conv'),
        norm('stays', 'folds'),
        conv({ id: 'shared', inputs: ['stays'], filters: 2 }),
        norm('stays-too', 'shared'),
        { id: 'add', op: 'add', inputs: ['shared', 'stays-too'] },
      ],
    );
    const weights = unevenWeights(network, 1);
    const folded = foldBatchNorm(network, weights);
    expect(folded.network.nodes.map(({ id }) => id)).toEqual([
      'input',
      'conv',
      'stays',
      'shared',
      'stays-too',
      'add',
      'flatten',
      'dense',
    ]);
    expect(folded.weights.get('conv/bias')!.shape).toEqual([2]);
    expect(weights.has('conv/bias')).toBe(false);
  });
});

async function expectAsReference(network: Network, weights: Weights, batch: number): Promise<void> {
  const { images } = randomBatch(network, batch, 7);
  const actual = await oracleLogits(network, weights, images);
  const expected = referenceLogits(network, weights, images);
  expect(actual.length).toBe(expected.length);
  expect(relativeDeviation(actual, expected, 1)).toBeLessThan(1e-4);
}

function referenceLogits(network: Network, weights: Weights, images: Float32Array): number[] {
  const last = network.nodes.at(-1)!;
  const endsWithSoftmax = last.op === 'activation' && last.activation === 'softmax';
  const open = endsWithSoftmax ? { ...network, nodes: network.nodes.slice(0, -1) } : network;
  const [height, width, channels] = inferShapes(open).get(open.nodes[0]!.id)!;
  const size = height * width * channels;
  return Array.from({ length: images.length / size }, (_, i) => [
    ...referenceInference(open, weights, images.subarray(i * size, (i + 1) * size)),
  ]).flat();
}

function referenceLoss(
  network: Network,
  weights: Weights,
  images: Float32Array,
  targets: Float32Array,
): number {
  const logits = referenceLogits(network, weights, images);
  let total = 0;
  for (let start = 0; start < logits.length; start += 3) {
    const row = logits.slice(start, start + 3);
    const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    row.forEach((logit, c) => {
      total += targets[start + c]! * (logSum - logit);
    });
  }
  return total / (logits.length / 3);
}

/** Central difference of the loss along one weight, in double precision but for the weight itself. */
function difference(
  network: Network,
  weights: Weights,
  name: string,
  index: number,
  images: Float32Array,
  targets: Float32Array,
): number {
  const { shape, data } = weights.get(name)!;
  const shifted = (by: number) => {
    const moved = data.slice();
    moved[index]! += by;
    const loss = referenceLoss(network, new Map(weights).set(name, { shape, data: moved }), images, targets);
    return { at: moved[index]!, loss };
  };
  const [above, below] = [shifted(1e-3), shifted(-1e-3)];
  return (above.loss - below.loss) / (above.at - below.at);
}
