import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { WindowedLayer } from '../layers.js';
import { fromImages, toImages } from './images.js';

/**
 * The values under each position of the window, channel by channel and row by row as the kernel's axes: a convolution
 * with one filter of a single 1 for each value.
 * @returns a feature map of `channels · taps` channels
 */
export function imagePatches(context: LayerContext, layer: WindowedLayer, x: FeatureMap): FeatureMap {
  const { ops, batch } = context;
  const { kernel, stride } = layer.node;
  const { output, pads } = layer.geometry;
  const [top, right, bottom, left] = pads;
  const values = x.channels * kernel[0] * kernel[1];
  const filters = new Float32Array(values * values);
  for (let value = 0; value < values; value++) filters[value * values + value] = 1;
  const patches = ops.node(
    'Conv',
    [
      toImages(ops, x.tensor, [batch, x.channels, x.height, x.width]),
      ops.graph.initializer([values, x.channels, ...kernel], filters),
    ],
    { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [top, left, bottom, right] } },
  );
  const tensor = fromImages(ops, patches, [batch, values, ...output]);
  return { ...x, tensor, channels: values, height: output[0], width: output[1] };
}
