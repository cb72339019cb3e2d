import type { Network, Shape } from '../core/network/network.js';

/** `[height, width, channels]` of what a network reads. */
export function imageShape({ nodes }: Network): Shape {
  const [input] = nodes;
  if (input?.op === 'input') return input.shape;
  throw new TypeError('the first node of a network is its input');
}
