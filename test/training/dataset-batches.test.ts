import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatchSampler } from '../../training/datasets/batches.js';
import type { Split } from '../../training/datasets/dataset.js';

/** Image i is two pixels, i and 255 − i; its label is i. */
function split(count: number): Split {
  const images = Uint8Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? i / 2 : 255 - (i - 1) / 2));
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => i), count };
}

describe('createBatchSampler', () => {
  it('gives each image with its label, from −1 to 1', () => {
    const { images, labels } = createBatchSampler(split(256), 8, 1).at(3);
    labels.forEach((label, i) => {
      expect(images[2 * i]).toBeCloseTo(label / 127.5 - 1, 6);
      expect(images[2 * i + 1]).toBeCloseTo((255 - label) / 127.5 - 1, 6);
    });
    const all = createBatchSampler(split(256), 256, 1).at(0).images;
    expect([Math.min(...all), Math.max(...all)]).toEqual([-1, 1]);
  });

  it('shows every image once in each pass, and each pass in another order', () => {
    const sampler = createBatchSampler(split(12), 4, 5);
    const passes = [0, 1, 2].map((pass) => [0, 1, 2].flatMap((i) => [...sampler.at(3 * pass + i).labels]));
    for (const seen of passes)
      expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(new Set(passes.map((pass) => pass.join())).size).toBe(3);
  });

  it('goes on into the next pass within a batch', () => {
    const sampler = createBatchSampler(split(5), 4, 2);
    const seen = [0, 1, 2, 3, 4].flatMap((step) => [...sampler.at(step).labels]);
    for (let pass = 0; pass < 4; pass++) {
      expect(seen.slice(5 * pass, 5 * pass + 5).sort()).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('depends on seed and step alone, not on what was asked before', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.nat({ max: 60 }), { maxLength: 8 }),
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (seed, history, step, batchSize) => {
          const used = createBatchSampler(split(20), batchSize, seed);
          for (const earlier of history) used.at(earlier);
          expect(used.at(step)).toEqual(createBatchSampler(split(20), batchSize, seed).at(step));
        },
      ),
    );
  });

  it('differs from seed to seed', () => {
    const orders = [1, 2, 3, 4].map((seed) => createBatchSampler(split(100), 50, seed).at(0).labels.join());
    expect(new Set(orders).size).toBe(4);
  });

  it('uses the same buffers again', () => {
    const sampler = createBatchSampler(split(20), 4, 1);
    expect(sampler.at(0).images).toBe(sampler.at(1).images);
  });
});
