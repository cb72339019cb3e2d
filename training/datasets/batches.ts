import { seededRng, shuffle } from '../../core/random.js';
import type { Split } from './dataset.js';
import { normalizeImages } from './normalize-images.js';

export interface Batch {
  /** `[batch, height, width, channels]`, −1 … 1. Overwritten by the next batch of the same sampler. */
  readonly images: Float32Array;
  /** Overwritten likewise. */
  readonly labels: Uint8Array;
}

export interface BatchSampler {
  readonly batchSize: number;
  /**
   * The batch of one step. It depends on the sampler's seed and the step alone, never on which batches were asked for
   * before: proposals compared with each other see the same images, and a run that resumes sees what it would have seen.
   * @param step 0, 1, 2, …
   */
  at(step: number): Batch;
}

/**
 * Passes over a split in random order, each pass in another one; a batch may span the border between two passes.
 */
export function createBatchSampler(split: Split, batchSize: number, seed: number): BatchSampler {
  const imageBytes = split.images.length / split.count;
  const images = new Float32Array(batchSize * imageBytes);
  const labels = new Uint8Array(batchSize);
  const orderOf = rememberOrder(split.count, seed);
  return {
    batchSize,
    at(step) {
      for (let i = 0; i < batchSize; i++) {
        const position = step * batchSize + i;
        const index = orderOf(Math.floor(position / split.count))[position % split.count]!;
        labels[i] = split.labels[index]!;
        normalizeImages(
          split.images.subarray(index * imageBytes, (index + 1) * imageBytes),
          images,
          i * imageBytes,
        );
      }
      return { images, labels };
    },
  };
}

/** The order of each pass; the last one asked for is kept. */
function rememberOrder(count: number, seed: number): (pass: number) => Uint32Array {
  let known = -1;
  const order = new Uint32Array(count);
  return (pass) => {
    if (pass !== known) {
      for (let i = 0; i < count; i++) order[i] = i;
      shuffle(order, seededRng(Math.imul(seed, 0x9e3779b1) + Math.imul(pass, 0x85ebca6b)));
      known = pass;
    }
    return order;
  };
}
