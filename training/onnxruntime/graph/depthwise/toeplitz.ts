import type { LayerContext } from '../layer-context.js';
import type { DepthwiseOperands, DepthwiseProducts } from './depthwise-products.js';
import type { DepthwiseShape } from './depthwise-shape.js';
import { once } from './once.js';
import { toeplitzIndicator } from './toeplitz-indicator.js';

/**
 * Depthwise convolution of small maps: one batched matrix product over the channels, its rows the images. Each
 * channel's kernel is spread over a Toeplitz matrix T = w·E of input pixels × output pixels:
 *
 *     z = x·T      dx = dz·Tᵀ      dw = (xᵀ·dz)·Eᵀ
 *
 * Most of T is zeros, so the cost grows with the square of the pixels; below a few hundred products for each image
 * nothing is faster.
 */
export function toeplitzProducts(
  { ops }: Pick<LayerContext, 'ops'>,
  shape: DepthwiseShape,
  { x, kernel, forwardScale }: DepthwiseOperands,
): DepthwiseProducts {
  const { batch, channels, input, output } = shape;
  const inputPixels = input[0] * input[1];
  const outputPixels = output[0] * output[1];
  const elements = inputPixels * outputPixels;
  const indicator = once(() => {
    const window = { inputRows: input[0], outputRows: output[0], firstTapRow: -shape.pads[0] };
    const taps = shape.kernel[0] * shape.kernel[1];
    const key = `toeplitz:${[input, shape.kernel, shape.stride, shape.pads]}`;
    return ops.graph.initializer([taps, elements], toeplitzIndicator(shape, window), key);
  });
  const toeplitz = once(() => ops.matMul(ops.scaled(kernel, forwardScale), indicator()));
  const perChannel = (matrix: string) => ops.reshape(matrix, [channels, inputPixels, outputPixels]);
  const xImages = once(() => ops.reshape(x, [channels, batch, inputPixels]));
  const dzImages = (dz: string) => ops.reshape(dz, [channels, batch, outputPixels]);

  return {
    forward: () =>
      ops.reshape(ops.matMul(xImages(), perChannel(toeplitz())), [channels, batch * outputPixels]),
    inputGradient: (dz, factor) => {
      const matrix = factor === null ? toeplitz() : ops.mul(toeplitz(), ops.scaled(factor, 1 / forwardScale));
      const dx = ops.matMul(dzImages(dz), perChannel(matrix), {
        transposeB: true,
        factor: factor === null ? 1 / forwardScale : 1,
      });
      return ops.reshape(dx, [channels, batch * inputPixels]);
    },
    kernelGradient: (dz) => {
      const products = ops.matMul(xImages(), dzImages(dz), { transposeA: true });
      return ops.matMul(ops.reshape(products, [channels, elements]), indicator(), { transposeB: true });
    },
  };
}
