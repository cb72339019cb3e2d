import type { LayerContext } from '../layer-context.js';
import type { DepthwiseOperands, DepthwiseProducts } from './depthwise-products.js';
import type { DepthwiseShape } from './depthwise-shape.js';
import { once } from './once.js';
import {
  gatherInputRows,
  gatherOutputRows,
  joinOutputRows,
  layOutWindows,
  splitOutputRows,
} from './row-gather.js';
import { toeplitzIndicator } from './toeplitz-indicator.js';

/**
 * Depthwise convolution of larger maps with standard operators only: output rows are cut into windows, each with the
 * few input rows that it reads, and every window is a row of one batched Toeplitz product over the channels. With
 * `g` for gathering windows of rows (./row-gather.ts):
 *
 *     z = g(x)·T      dw = (g(x)ᵀ·dz)·Eᵀ      dx = g(dz)·T′
 *
 * T′ joins a block of input rows with all output rows that read it, so that overlapping windows need not be added up.
 * @param rows output rows of a window
 */
export function rowWindowProducts(
  { ops }: Pick<LayerContext, 'ops'>,
  shape: DepthwiseShape,
  rows: number,
  { x, kernel, forwardScale }: DepthwiseOperands,
): DepthwiseProducts {
  const { channels, batch, input, output } = shape;
  const windows = layOutWindows(shape, rows);
  const taps = shape.kernel[0] * shape.kernel[1];
  const key = `${[input, shape.kernel, shape.stride, shape.pads, rows]}`;
  const [inputPixels, outputPixels] = [windows.inputRows * input[1], rows * output[1]];
  const indicator = once(() => {
    const window = { inputRows: windows.inputRows, outputRows: rows, firstTapRow: 0 };
    const data = toeplitzIndicator(shape, window);
    return ops.graph.initializer([taps, inputPixels * outputPixels], data, `rows:${key}`);
  });
  const xWindows = once(() => gatherInputRows(ops, x, shape, windows));

  return {
    forward: () => {
      const matrix = ops.matMul(ops.scaled(kernel, forwardScale), indicator());
      const z = ops.matMul(xWindows(), ops.reshape(matrix, [channels, inputPixels, outputPixels]));
      return joinOutputRows(ops, z, shape, windows);
    },
    inputGradient: (dz, factor) => {
      // A block of `step` input rows reads the output rows of its own window and of the ones before it.
      const reach = windows.pieces.length;
      const [blockPixels, reachPixels] = [windows.step * input[1], reach * outputPixels];
      const window = {
        inputRows: windows.step,
        outputRows: reach * rows,
        firstTapRow: -(reach - 1) * windows.step,
      };
      const data = toeplitzIndicator(shape, window, true);
      const spread = ops.graph.initializer([taps, reachPixels * blockPixels], data, `rows-back:${key}`);
      const matrix = ops.matMul(factor === null ? kernel : ops.mul(kernel, factor), spread);
      const dx = ops.matMul(
        gatherOutputRows(ops, dz, shape, windows),
        ops.reshape(matrix, [channels, reachPixels, blockPixels]),
      );
      const maps = ops.reshape(dx, [channels * batch, windows.blocks * blockPixels]);
      const first = windows.above * input[1];
      const cropped =
        windows.above + windows.below === 0 ? maps : ops.slice(maps, 1, first, first + input[0] * input[1]);
      return ops.reshape(cropped, [channels, batch * input[0] * input[1]]);
    },
    kernelGradient: (dz) => {
      const products = ops.matMul(xWindows(), splitOutputRows(ops, dz, shape, windows), { transposeA: true });
      const flat = ops.reshape(products, [channels, inputPixels * outputPixels]);
      return ops.matMul(flat, indicator(), { transposeB: true });
    },
  };
}
