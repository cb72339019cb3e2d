import type { Attributes } from '../../../../formats/onnx/onnx-graph.js';
import type { ActivationRule } from '../activations/activation-rule.js';
import { epilogue, productScale, timesFactor } from '../epilogue.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { WindowedLayer } from '../layers.js';
import { fromImages, toImages } from './images.js';

/**
 * Full convolution through the standard operators, Z = X ∗ W + b. With dZ = f·D, f for each output channel:
 *
 *     dX = D ⋆ (f·W), a transposed convolution
 *     dW = f·(X ∗ D): channels take the place of images, D is the kernel, and the stride its dilation
 *     db = f·Σ D
 *
 * @param x plain values
 */
export function directConv(
  context: LayerContext,
  layer: WindowedLayer,
  x: FeatureMap,
  rule: ActivationRule,
): FeatureMap {
  const { ops, tape, parameters, batch } = context;
  const { node, geometry } = layer;
  const { filters, kernel, stride } = node;
  const [height, width] = geometry.output;
  const [top, right, bottom, left] = geometry.pads;
  const outputScale = productScale(layer, rule);
  const w = ops.reshape(parameters.vector(`${node.id}/kernel`), [filters, x.channels, ...kernel]);
  const pads = { ints: [top, left, bottom, right] };
  const window: Attributes = { kernel_shape: { ints: kernel }, strides: { ints: stride }, pads };

  const images = toImages(ops, x.tensor, [batch, x.channels, x.height, x.width]);
  const bias = node.bias ? [ops.scaled(parameters.vector(`${node.id}/bias`), 1 / outputScale)] : [];
  const convolved = ops.node('Conv', [images, ops.scaled(w, 1 / outputScale), ...bias], window);
  const z = fromImages(ops, convolved, [batch, filters, height, width]);
  const { tensor, scale, backward } = epilogue(context, layer, rule, z, batch * height * width);
  const output: FeatureMap = {
    ...x,
    tensor,
    scale,
    channels: filters,
    height,
    width,
    needsGradient: true,
  };

  // Rows and columns at the bottom and right that no window reads, as a stride may leave them.
  const unreadRows = x.height + top + bottom - ((height - 1) * stride[0] + kernel[0]);
  const unreadColumns = x.width + left + right - ((width - 1) * stride[1] + kernel[1]);

  tape.onBackward(() => {
    const dz = backward(tape.gradientOf(output));
    const dW = timesFactor(ops, kernelGradient(dz.rows), dz);
    parameters.setGradient(`${node.id}/kernel`, dW);
    if (node.bias) {
      const sums = ops.sum(dz.rows, [1], true);
      parameters.setGradient(`${node.id}/bias`, timesFactor(ops, sums, dz));
    }
    if (!x.needsGradient) return;
    const rows = toImages(ops, timesFactor(ops, dz.rows, dz), [batch, filters, height, width]);
    const dX = ops.node('ConvTranspose', [rows, w], {
      ...window,
      output_padding: { ints: [unreadRows, unreadColumns] },
    });
    const tensor = fromImages(ops, dX, [batch, x.channels, x.height, x.width]);
    tape.addGradient(x, { kind: 'dense', tensor });
  });

  /** @returns `[filters, channels · taps]` */
  function kernelGradient(rows: string): string {
    const channelsAsImages = ops.reshape(x.tensor, [x.channels, batch, x.height, x.width]);
    const rowsAsKernels = ops.reshape(rows, [filters, batch, height, width]);
    const taps = ops.node('Conv', [channelsAsImages, rowsAsKernels], {
      kernel_shape: { ints: geometry.output },
      dilations: { ints: stride },
      pads,
    });
    const cropped = ops.node('Slice', [
      taps,
      ops.graph.ints([0, 0]),
      ops.graph.ints(kernel),
      ops.graph.ints([2, 3]),
    ]);
    return ops.reshape(ops.transpose(cropped, [1, 0, 2, 3]), [filters, x.channels * kernel[0] * kernel[1]]);
  }
  return output;
}
