import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { takeChannels } from '../../core/network/truncate-weights.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';
import { type WidthGroup, widthGroups } from '../../core/network/width-groups.js';
import { gaussian, type Rng, seededRng, shuffle } from '../../core/random.js';
import { arbitraryNetwork } from './arbitrary-network.js';
import { referenceInference } from './reference-inference.js';
import { smallNetwork } from './small-network.js';

/** Initial weights with statistics, scales and shifts that matter. */
function lively(network: Network, rng: Rng): Weights {
  const weights = new Map(initializeWeights(network, rng));
  for (const [name, { shape, data }] of weights) {
    if (name.endsWith('/kernel')) continue;
    const positive = name.endsWith('/variance');
    weights.set(name, { shape, data: data.map(() => (positive ? 0.5 + rng() : gaussian(rng))) });
  }
  return weights;
}

/** Zeroes what reads the dropped channels: then no other output can change when they go. */
function deafTo(weights: Weights, group: WidthGroup, keep: readonly number[]): Weights {
  const copy = new Map(weights);
  for (const { weight, axis, offset, repeat, stride } of group.cuts) {
    if (axis !== 1) continue;
    const { shape, data } = copy.get(weight)!;
    const zeroed = Float32Array.from(data);
    const inner = shape.slice(2).reduce((a, b) => a * b, 1);
    for (let o = 0; o < shape[0]!; o++) {
      for (let i = 0; i < repeat; i++) {
        for (let c = 0; c < group.width; c++) {
          if (keep.includes(c)) continue;
          const start = (o * shape[1]! + offset + i * stride + c) * inner;
          zeroed.fill(0, start, start + inner);
        }
      }
    }
    copy.set(weight, { shape, data: zeroed });
  }
  return copy;
}

function someChannels(width: number, rng: Rng): number[] {
  const channels = shuffle(
    Array.from({ length: width }, (_, c) => c),
    rng,
  );
  return channels.slice(0, 1 + Math.floor(rng() * width)).sort((a, b) => a - b);
}

function counting(shape: readonly number[]): WeightTensor {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => i) };
}

describe('takeChannels', () => {
  it('takes rows, columns and repeated columns', () => {
    const weights = new Map(initializeWeights(smallNetwork, seededRng(1)));
    weights.set('project/kernel', counting([4, 8, 1, 1]));
    weights.set('expand/kernel', counting([8, 4, 1, 1]));
    weights.set('dense/kernel', counting([5, 36]));
    const stem = widthGroups(smallNetwork).find((group) => group.id === 'stem')!;
    const taken = takeChannels(smallNetwork, weights, stem, [1, 2]);
    expect(taken.weights.get('project/kernel')!.shape).toEqual([2, 8, 1, 1]);
    expect([...taken.weights.get('project/kernel')!.data]).toEqual([
      8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    ]);
    expect([...taken.weights.get('expand/kernel')!.data.subarray(0, 6)]).toEqual([1, 2, 5, 6, 9, 10]);
    expect(taken.weights.get('dense/kernel')!.shape).toEqual([5, 18]);
    expect([...taken.weights.get('dense/kernel')!.data.subarray(0, 6)]).toEqual([1, 2, 5, 6, 9, 10]);
    expect([...taken.weights.get('dense/kernel')!.data.subarray(16, 20)]).toEqual([33, 34, 37, 38]);
    expect(inferShapes(taken.network).get('add')).toEqual([3, 3, 2]);
  });

  it('shares the tensors that it does not cut, and leaves the given ones alone', () => {
    const weights = initializeWeights(smallNetwork, seededRng(1));
    const before = structuredClone(weights);
    const squeeze = widthGroups(smallNetwork).find((group) => group.id === 'se/squeeze')!;
    const taken = takeChannels(smallNetwork, weights, squeeze, [2]);
    const copied = [...taken.weights]
      .filter(([name, tensor]) => weights.get(name) !== tensor)
      .map(([name]) => name);
    expect(copied).toEqual(['se/squeeze/kernel', 'se/squeeze/bias', 'se/excite/kernel']);
    expect(weights).toEqual(before);
  });

  it('yields weights that fit, and the arithmetic of a network that ignores the dropped channels', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer(), (network, seed) => {
        const rng = seededRng(seed);
        const [height, width, channels] = inferShapes(network).get('n0')!;
        const image = Float64Array.from({ length: height * width * channels }, () => gaussian(rng));
        for (const group of widthGroups(network)) {
          if (group.frozen) continue;
          const keep = someChannels(group.width, rng);
          const weights = deafTo(lively(network, rng), group, keep);
          const taken = takeChannels(network, weights, group, keep);
          checkWeights(taken.network, taken.weights);
          const expected = referenceInference(network, weights, image);
          const got = referenceInference(taken.network, taken.weights, image);
          expect(got.length).toBe(expected.length);
          const scale = 1 + Math.max(...expected.map(Math.abs));
          for (let i = 0; i < got.length; i++)
            expect(Math.abs(got[i]! - expected[i]!) / scale).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['nothing', []],
    ['a channel twice', [1, 1]],
    ['falling indices', [2, 1]],
    ['an index beyond', [0, 4]],
    ['a fraction', [0.5]],
  ])('refuses %s', (_, keep) => {
    const weights = initializeWeights(smallNetwork, seededRng(1));
    const stem = widthGroups(smallNetwork).find((group) => group.id === 'stem')!;
    expect(() => takeChannels(smallNetwork, weights, stem, keep)).toThrowError(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  it('refuses a frozen group and missing weights', () => {
    const weights = new Map(initializeWeights(smallNetwork, seededRng(1)));
    const group = (id: string) => widthGroups(smallNetwork).find((candidate) => candidate.id === id)!;
    expect(() => takeChannels(smallNetwork, weights, group('dense'), [0])).toThrowError(
      expect.objectContaining({ code: 'invalid-request' }),
    );
    weights.delete('expand/kernel');
    expect(() => takeChannels(smallNetwork, weights, group('stem'), [0])).toThrowError(
      expect.objectContaining({ code: 'missing-weights' }),
    );
  });
});
