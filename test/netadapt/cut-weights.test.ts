import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutWeights } from '../../core/netadapt/cut-weights.js';
import { strongestFilters } from '../../core/netadapt/filter-choice.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { type WidthGroup, widthGroups } from '../../core/network/width-groups.js';
import { seededRng } from '../../core/random.js';
import { arbitraryNetwork } from '../network/arbitrary-network.js';
import { TINY } from './simulated-run.js';

const group: WidthGroup = { id: 'a', width: 4, frozen: false, producers: ['a', 'b'], cuts: [] };

function kernels(a: readonly number[], b: readonly number[]): Weights {
  return new Map([
    ['a/kernel', { shape: [4, 2, 1, 1], data: Float32Array.from(a) }],
    ['b/kernel', { shape: [4, 1, 1, 1], data: Float32Array.from(b) }],
  ]);
}

describe('strongestFilters', () => {
  it('ranks filters by their L2 norm over all layers of the group', () => {
    // Squares by filter: 1+1+0, 4+0+0, 0+0+25, 1+4+1.
    const weights = kernels([1, -1, 2, 0, 0, 0, 1, 2], [0, 0, -5, 1]);
    expect(strongestFilters(weights, group, 1)).toEqual([2]);
    expect(strongestFilters(weights, group, 2)).toEqual([2, 3]);
    expect(strongestFilters(weights, group, 3)).toEqual([1, 2, 3]);
  });

  it('keeps the earlier of equal filters', () => {
    expect(strongestFilters(kernels(new Array(8).fill(1), [1, 1, 1, 1]), group, 2)).toEqual([0, 1]);
  });

  it('names a kernel that is not there', () => {
    expect(() => strongestFilters(new Map(), group, 1)).toThrowError(
      expect.objectContaining({
        code: 'missing-weights',
        message: "weight 'a/kernel': expected a tensor, got none",
      }),
    );
  });
});

describe('cutWeights', () => {
  const weights = initializeWeights(TINY, seededRng(3));

  it('keeps the strongest filters’ rows as they were, in every tensor of the group', () => {
    const id = 'block4/expand/conv';
    const cut = cutWeights(TINY, weights, [{ group: id, width: 48 }]);
    const keep = strongestFilters(weights, widthGroups(TINY).find((each) => each.id === id)!, 48);
    expect(keep).toHaveLength(48);
    for (const name of [`${id}/kernel`, 'block4/depthwise/conv/kernel']) {
      const before = weights.get(name)!;
      const after = cut.weights.get(name)!;
      const row = before.data.length / before.shape[0]!;
      const rows = keep.flatMap((index) => [...before.data.subarray(index * row, (index + 1) * row)]);
      expect([...after.data]).toEqual(rows);
    }
    expect(cut.weights.get('stem/conv/kernel')).toBe(weights.get('stem/conv/kernel'));
  });

  it('makes weights that fit the narrowed network, whatever is cut', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer(), (network, seed) => {
        const rng = seededRng(seed);
        const widths = widthGroups(network)
          .filter(({ frozen }) => !frozen)
          .map(({ id, width }) => ({ group: id, width: 1 + Math.floor(rng() * width) }));
        const cut = cutWeights(network, initializeWeights(network, rng), widths);
        checkWeights(cut.network, cut.weights);
        const after = new Map(widthGroups(cut.network).map(({ id, width }) => [id, width]));
        for (const { group: id, width } of widths) expect(after.get(id)).toBe(width);
      }),
    );
  });

  it('refuses a group that is not there', () => {
    expect(() => cutWeights(TINY, weights, [{ group: 'nowhere', width: 8 }])).toThrowError(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });
});
