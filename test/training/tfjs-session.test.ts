import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import { tfjsTrainerOver } from '../../training/tfjs/tfjs-trainer.js';
import { inverseOrder, permuteAxes } from '../../training/tfjs/weight-layout.js';
import { smallNetwork } from '../network/small-network.js';
import { randomBatch, unevenWeights } from './training-samples.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('memory of a tfjs session', () => {
  const weights = unevenWeights(smallNetwork, 1);
  const { images, targets } = randomBatch(smallNetwork, 4, 2);

  it('does not grow from step to step, and is given back', async () => {
    const before = tf.memory().numTensors;
    const session = await tfjsTrainerOver(tf).openTraining(smallNetwork, weights, 4);
    await session.step(images, targets, { learningRate: 0.01, weightDecay: 1e-4 });
    const afterOne = tf.memory().numTensors;
    for (let i = 0; i < 5; i++)
      await session.step(images, targets, { learningRate: 0.01, weightDecay: 1e-4 });
    session.gradients();
    session.weights();
    expect(tf.memory().numTensors).toBe(afterOne);
    await session.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('does not grow from batch to batch of inference, and is given back', async () => {
    const before = tf.memory().numTensors;
    const session = await tfjsTrainerOver(tf).openInference(smallNetwork, weights, 4);
    await session.logits(images);
    const afterOne = tf.memory().numTensors;
    await session.logits(images);
    expect(tf.memory().numTensors).toBe(afterOne);
    await session.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is not used after closing', async () => {
    const session = await tfjsTrainerOver(tf).openTraining(smallNetwork, weights, 4);
    await session.close();
    await expect(session.step(images, targets, { learningRate: 0.01 })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(() => session.weights()).toThrow('closed');
  });
});

it('refuses a network that does not answer with one score for each class', async () => {
  const network: Network = {
    name: 'map',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape: [4, 4, 1] },
      { id: 'act', op: 'activation', inputs: ['input'], activation: 'relu' },
    ],
  };
  await expect(tfjsTrainerOver(tf).openTraining(network, new Map(), 1)).rejects.toMatchObject({
    code: 'unsupported-op',
    pointer: '/nodes/1',
  });
});

describe('permuteAxes', () => {
  it('moves [filters, in, kh, kw] to [kh, kw, in, filters]', () => {
    const kernel = { shape: [2, 1, 1, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    expect(permuteAxes(kernel, [2, 3, 1, 0])).toEqual({
      shape: [1, 3, 1, 2],
      data: Float32Array.of(1, 4, 2, 5, 3, 6),
    });
  });

  it('is undone by the inverse order', () => {
    const axes = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.array(axes, { minLength: 1, maxLength: 5 }), fc.integer(), (shape, seed) => {
        const order = shape.map((_, axis) => axis).sort((a, b) => Math.sin(seed + a) - Math.sin(seed + b));
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
        expect(permuteAxes(permuteAxes({ shape, data }, order), inverseOrder(order))).toEqual({
          shape,
          data,
        });
      }),
    );
  });
});
