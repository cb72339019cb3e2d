import type { LayerContext } from '../layer-context.js';
import type { DepthwiseOperands, DepthwiseProducts } from './depthwise-products.js';
import type { DepthwiseShape } from './depthwise-shape.js';
import { gatherRows } from './gather-rows.js';
import { once } from './once.js';
import { toeplitzIndicator } from './toeplitz-indicator.js';

/**
 * Depthwise convolution of larger maps with standard operators only: output rows are cut into windows, each with the
 * few input rows that it reads, and every window is a row of one batched Toeplitz product over the channels. With
 * `g` for gathering windows of rows (./gather-rows.ts):
 *
 *     z = g(x)·T      dw = (g(x)ᵀ·dz)·Eᵀ      dx = g(dz)·T′
 *
 * T′ joins a block of input rows with all output rows that read it, so that no overlapping results are added up.
 * @param rows output rows of a window
 */
export function rowWindowProducts(
  { ops }: Pick<LayerContext, 'ops'>,
  shape: DepthwiseShape,
  rows: number,
  { x, kernel, forwardScale }: DepthwiseOperands,
): DepthwiseProducts {
  const { channels, batch, input, output, stride, pads } = shape;
  const maps = channels * batch;
  const taps = shape.kernel[0] * shape.kernel[1];
  const key = `${[input, shape.kernel, stride, pads, rows]}`;
  const count = Math.ceil(output[0] / rows);
  const inputRows = (rows - 1) * stride[0] + shape.kernel[0];
  const [inputPixels, outputPixels] = [inputRows * input[1], rows * output[1]];

  const indicator = once(() => {
    const data = toeplitzIndicator(shape, { inputRows, outputRows: rows, firstTapRow: 0 });
    return ops.graph.initializer([taps, inputPixels * outputPixels], data, `rows:${key}`);
  });
  const xWindows = once(() => {
    const windows = { rows: inputRows, step: rows * stride[0], above: pads[0], count };
    const gathered = gatherRows(ops, x, maps, { height: input[0], width: input[1], ...windows });
    return ops.reshape(gathered, [channels, batch * count, inputPixels]);
  });

  function forward(): string {
    const matrix = ops.matMul(ops.scaled(kernel, forwardScale), indicator());
    const z = ops.matMul(xWindows(), ops.reshape(matrix, [channels, inputPixels, outputPixels]));
    return firstRows(z, count * rows, output);
  }

  function inputGradient(dz: string, factor: string | null): string {
    // Block i has the input rows that window i advances by. From its own, these output rows reach it:
    const step = rows * stride[0];
    const first = Math.ceil((pads[0] - shape.kernel[0] + 1) / stride[0]);
    const last = Math.floor((step - 1 + pads[0]) / stride[0]);
    const reach = last - first + 1;
    const blocks = Math.ceil(input[0] / step);
    const windows = { rows: reach, step: rows, above: -first, count: blocks };
    const gathered = gatherRows(ops, dz, maps, { height: output[0], width: output[1], ...windows });
    const [readPixels, blockPixels] = [reach * output[1], step * input[1]];

    const window = { inputRows: step, outputRows: reach, firstTapRow: first * stride[0] - pads[0] };
    const data = toeplitzIndicator(shape, window, true);
    const spread = ops.graph.initializer([taps, readPixels * blockPixels], data, `rows-back:${key}`);
    const matrix = ops.matMul(factor === null ? kernel : ops.mul(kernel, factor), spread);
    const dx = ops.matMul(
      ops.reshape(gathered, [channels, batch * blocks, readPixels]),
      ops.reshape(matrix, [channels, readPixels, blockPixels]),
    );
    return firstRows(dx, blocks * step, input);
  }

  function kernelGradient(dz: string): string {
    const windows = { rows, step: rows, above: 0, count };
    const dzWindows = gatherRows(ops, dz, maps, { height: output[0], width: output[1], ...windows });
    const perChannel = ops.reshape(dzWindows, [channels, batch * count, outputPixels]);
    const products = ops.matMul(xWindows(), perChannel, { transposeA: true });
    const flat = ops.reshape(products, [channels, inputPixels * outputPixels]);
    return ops.matMul(flat, indicator(), { transposeB: true });
  }

  /** Drops the rows that the last window has beyond the edge of the map. */
  function firstRows(result: string, resultRows: number, [height, width]: readonly [number, number]): string {
    const kept =
      resultRows === height
        ? result
        : ops.slice(ops.reshape(result, [maps, resultRows * width]), 1, 0, height * width);
    return ops.reshape(kept, [channels, batch * height * width]);
  }

  return { forward, inputGradient, kernelGradient };
}
