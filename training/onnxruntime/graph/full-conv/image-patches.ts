import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { WindowedLayer } from '../layers.js';
import { fromImages, toImages } from './images.js';

/**
 * The values under each position of the window, channel by channel and row by row as the kernel's axes: a convolution
 * with one filter of a single 1 for each value, and a last filter of zeros with bias 1 for the row of ones.
 * @returns a feature map of `channels · taps` channels with a row of ones
 */
export function imagePatches(context: LayerContext, layer: WindowedLayer, x: FeatureMap): FeatureMap {
  const { ops, batch } = context;
  const { kernel, stride } = layer.node;
  const { output, pads } = layer.geometry;
  const [top, right, bottom, left] = pads;
  const values = x.channels * kernel[0] * kernel[1];
  const filters = new Float32Array((values + 1) * values);
  for (let value = 0; value < values; value++) filters[value * values + value] = 1;
  const bias = new Float32Array(values + 1);
  bias[values] = 1;
  const patches = ops.node(
    'Conv',
    [
      toImages(ops, x.tensor, [batch, x.channels, x.height, x.width]),
      ops.graph.initializer([values + 1, x.channels, ...kernel], filters),
      ops.graph.initializer([values + 1], bias),
    ],
    { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads: { ints: [top, left, bottom, right] } },
  );
  const tensor = fromImages(ops, patches, [batch, values + 1, ...output]);
  return { ...x, tensor, channels: values, height: output[0], width: output[1], extraRow: 'ones' };
}
