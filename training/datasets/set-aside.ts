import { seededRng, shuffle } from '../../core/random.js';
import type { Split } from './dataset.js';

/**
 * Divides a split at random into a part to learn from and a holdout. The same seed always gives the same division, so
 * the seed network and every network cut from it are judged on images that none of them has seen.
 * @param imageBytes bytes of one image
 * @param count images in the holdout
 */
export function setAside(
  split: Split,
  imageBytes: number,
  count: number,
  seed: number,
): { readonly train: Split; readonly holdout: Split } {
  const order = shuffle(
    Uint32Array.from({ length: split.count }, (_, i) => i),
    seededRng(seed),
  );
  return {
    holdout: pick(split, imageBytes, order.subarray(0, count).sort()),
    train: pick(split, imageBytes, order.subarray(count).sort()),
  };
}

function pick(split: Split, imageBytes: number, indices: Uint32Array): Split {
  const images = new Uint8Array(indices.length * imageBytes);
  const labels = new Uint8Array(indices.length);
  indices.forEach((index, i) => {
    images.set(split.images.subarray(index * imageBytes, (index + 1) * imageBytes), i * imageBytes);
    labels[i] = split.labels[index]!;
  });
  return { images, labels, count: indices.length };
}
