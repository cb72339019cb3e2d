import { activationRule } from '../activations/activation-rules.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer, WindowedLayer } from '../layers.js';
import { pointwise } from '../pointwise/pointwise.js';
import { withUnitScale } from '../unit-scale.js';
import { directConv } from './direct-conv.js';
import { imagePatches } from './image-patches.js';

/** Values of a patch up to which patches are made: more would cost as much as the convolution. */
const MOST_PATCH_VALUES = 48;

/**
 * Convolution that mixes channels under a window. A stem reads few values and passes no gradient on: its patches are
 * made once, and the rest is a 1×1 convolution over them. Others convolve directly.
 */
export function fullConv(context: LayerContext, layer: WindowedLayer, input: FeatureMap): FeatureMap {
  const x = withUnitScale(context, input);
  const patchValues = x.channels * layer.node.kernel[0] * layer.node.kernel[1];
  if (x.needsGradient || patchValues > MOST_PATCH_VALUES) {
    return directConv(context, layer, x, activationRule(layer.activation, layer.output));
  }
  const [height, width] = layer.geometry.output;
  const overPatches: PointwiseLayer = {
    ...layer,
    kind: 'pointwise',
    inputShape: [height, width, patchValues],
  };
  return pointwise(context, overPatches, imagePatches(context, layer, x));
}
