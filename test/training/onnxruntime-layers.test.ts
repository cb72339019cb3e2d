import { describe, expect, it } from 'vitest';
import type { LayerNode, Network, Shape } from '../../core/network/network.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { oracleStep } from './cpu-oracle.js';
import { expectCloseGradients, relativeDeviation } from './expect-close.js';
import { randomBatch, unevenWeights } from './training-samples.js';

const BATCH = 3;
const trainer = await createOnnxruntimeTrainer();

type Conv = Extract<LayerNode, { op: 'conv2d' }>;

/** A convolution; what is not given is 1×1, stride 1, `same`, one group, no bias. */
function conv(id: string, input: string, filters: number, more: Partial<Conv> = {}): Conv {
  return {
    id,
    op: 'conv2d',
    inputs: [input],
    filters,
    kernel: [1, 1],
    stride: [1, 1],
    padding: 'same',
    groups: 1,
    bias: false,
    ...more,
  };
}

const norm = (id: string, input: string): LayerNode => ({
  id,
  op: 'batchNorm',
  inputs: [input],
  epsilon: 1e-3,
});

/** Layers between a first convolution, so that their input needs a gradient, and a classifier. */
function classifier(image: Shape, middle: readonly LayerNode[]): Network {
  const last = middle.at(-1)!.id;
  return {
    name: 'layers',
    nodes: [
      { id: 'image', op: 'input', inputs: [], shape: image },
      conv('first', 'image', 5, { kernel: [3, 3] }),
      norm('x', 'first'),
      ...middle,
      { id: 'mean', op: 'globalAvgPool', inputs: [last] },
      { id: 'logits', op: 'dense', inputs: ['mean'], units: 4, bias: true },
    ],
  };
}

async function expectOracle(network: Network): Promise<void> {
  const weights = unevenWeights(network, 1);
  const { images, targets } = randomBatch(network, BATCH, 2);
  const session = await trainer.openTraining(network, weights, BATCH);
  const { loss } = await session.step(images, targets, { learningRate: 0, batchNormMomentum: 0 });
  const expected = await oracleStep(network, weights, images, targets);
  expect(loss).toBeCloseTo(expected.loss, 4);
  expectCloseGradients(session.gradients(), expected.gradients, 1e-3);
  const after = session.weights();
  for (const [name, statistic] of expected.statistics) {
    expect(relativeDeviation(after.get(name)!.data, statistic), name).toBeLessThan(1e-3);
  }
  await session.close();
}

const window = { kernel: [3, 2], stride: [2, 1] } as const;
const CASES: Readonly<Record<string, readonly LayerNode[]>> = {
  'activations between convolutions without batch norm': (
    ['relu', 'relu6', 'hswish', 'hsigmoid', 'swish', 'sigmoid'] as const
  ).flatMap((activation, i) => [
    conv(`c${i}`, i === 0 ? 'x' : `a${i - 1}`, 6, { bias: true }),
    { id: `a${i}`, op: 'activation', activation, inputs: [`c${i}`] },
  ]),
  'activations after batch norm': (
    ['relu', 'relu6', 'hswish', 'hsigmoid', 'swish', 'sigmoid'] as const
  ).flatMap((activation, i) => [
    conv(`c${i}`, i === 0 ? 'x' : `a${i - 1}`, 6),
    norm(`n${i}`, `c${i}`),
    { id: `a${i}`, op: 'activation', activation, inputs: [`n${i}`] },
  ]),
  'activations on their own, after an add': (
    ['relu', 'relu6', 'hswish', 'hsigmoid', 'swish', 'sigmoid'] as const
  ).flatMap((activation, i) => [
    { id: `s${i}`, op: 'add', inputs: [i === 0 ? 'x' : `a${i - 1}`, 'x'] },
    { id: `a${i}`, op: 'activation', activation, inputs: [`s${i}`] },
  ]),
  'a wide 1×1 convolution, whose batch norm is not folded': [
    conv('wide', 'x', 40),
    norm('wideNorm', 'wide'),
    { id: 'wideRelu', op: 'activation', activation: 'relu6', inputs: ['wideNorm'] },
    conv('narrow', 'wideRelu', 7),
    norm('narrowNorm', 'narrow'),
  ],
  'bias before batch norm': [conv('c', 'x', 6, { bias: true }), norm('n', 'c')],
  'a full convolution inside the network': [
    conv('c', 'x', 7, { kernel: [3, 3], stride: [2, 2] }),
    norm('n', 'c'),
    { id: 'a', op: 'activation', activation: 'hswish', inputs: ['n'] },
    conv('c2', 'a', 3, { kernel: [2, 3], padding: 'valid', bias: true }),
    { id: 'a2', op: 'activation', activation: 'hswish', inputs: ['c2'] },
    conv('c3', 'a2', 6, { kernel: [1, 1], stride: [2, 2] }),
  ],
  'depthwise with bias and without batch norm': [
    conv('c', 'x', 5, { kernel: [3, 3], groups: 5, bias: true }),
    { id: 'a', op: 'activation', activation: 'relu6', inputs: ['c'] },
    conv('c2', 'a', 5, { kernel: [5, 3], stride: [2, 1], groups: 5 }),
  ],
  'depthwise with explicit padding': [
    conv('c', 'x', 5, { kernel: [3, 3], groups: 5, padding: [2, 0, 1, 1], bias: true }),
    conv('c2', 'c', 5, { kernel: [3, 3], stride: [2, 2], groups: 5, padding: 'valid' }),
  ],
  'squeeze-excite on a map with batch norm, and a gate of another kind': [
    { id: 'pool', op: 'globalAvgPool', inputs: ['x'] },
    conv('squeeze', 'pool', 3, { bias: true }),
    { id: 'relu', op: 'activation', activation: 'relu', inputs: ['squeeze'] },
    conv('excite', 'relu', 5, { bias: true }),
    { id: 'gate', op: 'activation', activation: 'sigmoid', inputs: ['excite'] },
    { id: 'scaled', op: 'mul', inputs: ['gate', 'x'] },
  ],
  'a product of two maps': [
    conv('c', 'x', 5, { bias: true }),
    { id: 'a', op: 'activation', activation: 'hswish', inputs: ['c'] },
    { id: 'product', op: 'mul', inputs: ['x', 'a'] },
  ],
  'concatenation and a map that is read three times': [
    conv('c', 'x', 6),
    norm('n', 'c'),
    { id: 'a', op: 'activation', activation: 'hswish', inputs: ['n'] },
    { id: 'joined', op: 'concat', inputs: ['a', 'x', 'a'] },
    conv('c2', 'joined', 8),
    norm('n2', 'c2'),
  ],
  'residual adds: of two branches, twice the same, after an activation': [
    conv('b1', 'x', 5),
    norm('n1', 'b1'),
    { id: 's1', op: 'add', inputs: ['n1', 'x'] },
    conv('b2', 's1', 20),
    norm('n2', 'b2'),
    { id: 'r2', op: 'activation', activation: 'relu', inputs: ['n2'] },
    conv('b3', 'r2', 5),
    norm('n3', 'b3'),
    { id: 's2', op: 'add', inputs: ['s1', 'n3'] },
    { id: 's3', op: 'add', inputs: ['s2', 's2'] },
    conv('b4', 's3', 5),
    norm('n4', 'b4'),
    { id: 'h4', op: 'activation', activation: 'hswish', inputs: ['n4'] },
    { id: 's4', op: 'add', inputs: ['h4', 's3'] },
    conv('b5', 's4', 9),
    norm('n5', 'b5'),
  ],
  'batch norm on its own': [
    { id: 's', op: 'add', inputs: ['x', 'x'] },
    norm('n', 's'),
    { id: 'a', op: 'activation', activation: 'relu', inputs: ['n'] },
    norm('n2', 'a'),
  ],
  'average pools': [
    // What `same` comes to, written out: the oracle's own gradient counts padding for the word.
    { id: 'p1', op: 'avgPool', inputs: ['x'], ...window, padding: [1, 1, 1, 0] },
    { id: 'p2', op: 'avgPool', inputs: ['p1'], ...window, padding: 'valid' },
  ],
  'maximum pools, overlapping': [
    { id: 'p1', op: 'maxPool', inputs: ['x'], ...window, padding: 'same' },
    { id: 'p2', op: 'maxPool', inputs: ['p1'], kernel: [3, 3], stride: [1, 1], padding: 'same' },
  ],
  'flatten before a dense layer with batch norm': [
    { id: 'p', op: 'maxPool', inputs: ['x'], kernel: [3, 3], stride: [3, 3], padding: 'valid' },
    { id: 'flat', op: 'flatten', inputs: ['p'] },
    { id: 'd', op: 'dense', inputs: ['flat'], units: 6, bias: false },
    norm('n', 'd'),
    { id: 'a', op: 'activation', activation: 'hswish', inputs: ['n'] },
    { id: 'd2', op: 'dense', inputs: ['a'], units: 5, bias: true },
    { id: 'a2', op: 'activation', activation: 'relu', inputs: ['d2'] },
  ],
};

describe('layers have the gradients and statistics of automatic differentiation', () => {
  it.each(Object.entries(CASES))('%s', async (_, middle) => {
    await expectOracle(classifier([9, 7, 2], middle));
  });

  it('a first convolution with many values under its window', async () => {
    const image: Shape = [9, 9, 3];
    await expectOracle({
      name: 'wide stem',
      nodes: [
        { id: 'image', op: 'input', inputs: [], shape: image },
        conv('stem', 'image', 6, { kernel: [7, 7], stride: [2, 2] }),
        norm('n', 'stem'),
        { id: 'a', op: 'activation', activation: 'relu', inputs: ['n'] },
        { id: 'mean', op: 'globalAvgPool', inputs: ['a'] },
        { id: 'logits', op: 'dense', inputs: ['mean'], units: 3, bias: false },
      ],
    });
  });

  it('images that meet a depthwise convolution, an add and an activation first', async () => {
    await expectOracle({
      name: 'no stem',
      nodes: [
        { id: 'image', op: 'input', inputs: [], shape: [6, 5, 3] },
        { id: 'double', op: 'add', inputs: ['image', 'image'] },
        { id: 'a', op: 'activation', activation: 'hswish', inputs: ['double'] },
        conv('d', 'a', 3, { kernel: [3, 3], groups: 3 }),
        conv('p', 'd', 8),
        norm('n', 'p'),
        { id: 'mean', op: 'globalAvgPool', inputs: ['n'] },
        { id: 'logits', op: 'dense', inputs: ['mean'], units: 3, bias: false },
      ],
    });
  });
});

describe('what cannot be trained is refused with the node that stands in the way', () => {
  const refused = (network: Network) => trainer.openTraining(network, unevenWeights(network, 1), BATCH);

  it('a softmax inside the network', async () => {
    const network = classifier(
      [5, 5, 2],
      [{ id: 'a', op: 'activation', activation: 'softmax', inputs: ['x'] }],
    );
    await expect(refused(network)).rejects.toMatchObject({
      code: 'unsupported-op',
      message: expect.stringContaining("'a'"),
    });
  });

  it('groups that are neither one nor all', async () => {
    const network = classifier([5, 5, 2], [conv('c', 'x', 6), conv('grouped', 'c', 6, { groups: 2 })]);
    await expect(refused(network)).rejects.toMatchObject({
      code: 'unsupported-op',
      pointer: '/nodes/4/groups',
      message: expect.stringContaining("'grouped'"),
    });
  });

  it('a depthwise convolution with windows of padding alone', async () => {
    const padded = conv('deep', 'x', 5, { groups: 5, kernel: [3, 3], padding: [0, 3, 0, 0] });
    await expect(refused(classifier([5, 5, 2], [padded]))).rejects.toMatchObject({
      code: 'unsupported-op',
      message: expect.stringMatching(/'deep'.*padded by less than its kernel of 3x3, got 0, 3, 0, 0/),
    });
  });

  it('a pool of padding alone', async () => {
    const pool: LayerNode = {
      id: 'pool',
      op: 'maxPool',
      inputs: ['x'],
      kernel: [2, 2],
      stride: [1, 1],
      padding: [2, 0, 0, 0],
    };
    await expect(refused(classifier([5, 5, 2], [pool]))).rejects.toMatchObject({
      code: 'unsupported-op',
      message: expect.stringContaining("'pool'"),
    });
  });

  it('an output that is a map', async () => {
    const network: Network = {
      name: 'map',
      nodes: classifier([5, 5, 2], [conv('c', 'x', 6)]).nodes.slice(0, 4),
    };
    await expect(refused(network)).rejects.toMatchObject({
      code: 'unsupported-op',
      message: expect.stringContaining("'c'"),
    });
  });

  it('batches of another size', async () => {
    const network = classifier([5, 5, 2], [conv('c', 'x', 6)]);
    const session = await trainer.openTraining(network, unevenWeights(network, 1), BATCH);
    const step = session.step(new Float32Array(7), new Float32Array(BATCH * 4), { learningRate: 0 });
    await expect(step).rejects.toMatchObject({ code: 'invalid-request', pointer: '/images' });
    await session.close();
  });
});
