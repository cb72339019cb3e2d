import { type FeatureMap, pixelsOf } from './feature-map.js';
import type { LayerContext } from './layer-context.js';

const copies = new WeakMap<FeatureMap, string>();

/**
 * A feature map's tensor with a row of ones below: biases, means and bias gradients come out of the same products. One
 * copy for all readers; only narrow maps are read so.
 * @returns X̂, `[channels + 1, batch · pixels]`
 */
export function withOnesRow({ ops, batch }: LayerContext, x: FeatureMap): string {
  const known = copies.get(x);
  if (known !== undefined) return known;
  const copy = ops.concat([x.tensor, ops.filled([1, batch * pixelsOf(x)], 1)], 0);
  copies.set(x, copy);
  return copy;
}
