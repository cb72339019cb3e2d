import { seededRng } from '../core/random.js';

const cache = new Map<number, Float32Array>();

/** Uniform numbers in [−1, 1): the same ones for every graph with an input of that length. */
export function inputData(length: number): Float32Array {
  const known = cache.get(length);
  if (known !== undefined) return known;
  const rng = seededRng(length);
  const data = Float32Array.from({ length }, () => rng() * 2 - 1);
  cache.set(length, data);
  return data;
}
