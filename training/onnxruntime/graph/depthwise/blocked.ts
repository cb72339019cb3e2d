import type { LayerContext } from '../layer-context.js';
import { BlockedLayout } from './blocked-layout.js';
import type { DepthwiseOperands, DepthwiseProducts } from './depthwise-products.js';
import type { DepthwiseShape } from './depthwise-shape.js';
import { once } from './once.js';

/** From this height on, zeros are written around the map first: the convolution takes its border outputs one by one. */
const LEAST_HEIGHT_TO_PAD = 10;

/**
 * Depthwise convolution of larger maps in the runtime's blocked layout (./blocked-layout.ts), all three products as
 * direct convolutions:
 *
 *     z = x ∗ w
 *     dx = dz ∗ flipped w, with the padding that brings the input's extent back; only for stride 1
 *     dw = x ∗ dz: dz's blocked map *is* the kernel, and the stride is its dilation
 */
export function blockedProducts(
  { ops, block }: Pick<LayerContext, 'ops' | 'block'>,
  shape: DepthwiseShape,
  { x, kernel, forwardScale }: DepthwiseOperands,
): DepthwiseProducts {
  const { batch, channels, input, output, stride, pads } = shape;
  const [kernelHeight, kernelWidth] = shape.kernel;
  const layout = new BlockedLayout(ops, batch, channels, block);
  const xBlocked = once(() => layout.reorder(x, ...input));
  const reordered = new Map<string, string>();
  const dzBlocked = (dz: string) => {
    const known = reordered.get(dz) ?? layout.reorder(dz, ...output);
    reordered.set(dz, known);
    return known;
  };

  return {
    forward: () => {
      const kernels = layout.kernels(ops.scaled(kernel, forwardScale), kernelHeight, kernelWidth);
      const window = { kernel: shape.kernel, stride, pads };
      return layout.restore(layout.convolve(xBlocked(), kernels, window), ...output);
    },
    inputGradient: (dz, factor) => {
      const taps = kernelHeight * kernelWidth;
      const backwards = ops.graph.ints(Array.from({ length: taps }, (_, tap) => taps - 1 - tap));
      const scaled = factor === null ? kernel : ops.mul(kernel, factor);
      const flipped = ops.node('Gather', [scaled, backwards], { axis: { int: 1 } });
      const kernels = layout.kernels(flipped, kernelHeight, kernelWidth);
      const [top, right, bottom, left] = pads;
      const [lastRow, lastColumn] = [kernelHeight - 1, kernelWidth - 1];
      const opposite = [lastRow - top, lastColumn - right, lastRow - bottom, lastColumn - left] as const;
      const dx = layout.convolve(dzBlocked(dz), kernels, { kernel: shape.kernel, pads: opposite });
      return layout.restore(dx, ...input);
    },
    kernelGradient: (dz) => {
      const [top, right, bottom, left] = pads;
      const padFirst = stride[0] === 1 && stride[1] === 1 && input[0] >= LEAST_HEIGHT_TO_PAD;
      const map = padFirst ? layout.pad(xBlocked(), ...input, pads) : xBlocked();
      const taps = layout.convolve(map, layout.asKernels(dzBlocked(dz), ...output), {
        kernel: output,
        dilation: stride,
        pads: padFirst ? [0, 0, 0, 0] : pads,
      });
      // A stride that does not divide leaves more positions than the kernel has taps.
      const extent = [
        input[0] + top + bottom - stride[0] * (output[0] - 1),
        input[1] + left + right - stride[1] * (output[1] - 1),
      ] as const;
      return layout.sumOverImages(taps, extent, shape.kernel);
    },
  };
}
