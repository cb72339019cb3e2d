import type { TensorOps } from '../tensor-ops.js';
import type { DepthwiseShape } from './depthwise-shape.js';

/**
 * Output rows cut into windows. The input with its padding is cut into blocks of as many rows as one window advances;
 * window i reads block i whole, and the first rows of the blocks after it.
 */
export interface RowWindows {
  readonly count: number;
  /** Output rows of a window. */
  readonly outputRows: number;
  /** Input rows that a window reads. */
  readonly inputRows: number;
  /** Input rows of a block. */
  readonly step: number;
  readonly blocks: number;
  /** Rows that a window reads of block i, i + 1, …; their sum is `inputRows`. */
  readonly pieces: readonly number[];
  /** Rows of zeros above and below the input that fill the blocks. */
  readonly above: number;
  readonly below: number;
}

/** @param outputRows rows of one window; the last window may stand over the edge */
export function layOutWindows(shape: DepthwiseShape, outputRows: number): RowWindows {
  const count = Math.ceil(shape.output[0] / outputRows);
  const inputRows = (outputRows - 1) * shape.stride[0] + shape.kernel[0];
  const step = outputRows * shape.stride[0];
  const pieces: number[] = [];
  for (let start = 0; start < inputRows; start += step) pieces.push(Math.min(step, inputRows - start));
  const above = shape.pads[0];
  // Enough for the last window, and for every row of the input even where no window reads it.
  const blocks = Math.max(count - 1 + pieces.length, Math.ceil((above + shape.input[0]) / step));
  const below = blocks * step - above - shape.input[0];
  return { count, outputRows, inputRows, step, blocks, pieces, above, below };
}

/**
 * @param x `[channels, batch · height · width]`
 * @returns `[channels, batch · windows, input rows · width]`
 */
export function gatherInputRows(
  ops: TensorOps,
  x: string,
  shape: DepthwiseShape,
  windows: RowWindows,
): string {
  const { count, blocks, pieces, step } = windows;
  const width = shape.input[1];
  const maps = shape.channels * shape.batch;
  const image = ops.reshape(x, [maps, shape.input[0] * width]);
  const padded = withZeros(ops, image, maps, windows.above * width, windows.below * width);
  const asBlocks = ops.reshape(padded, [maps, blocks, step * width]);
  const parts = pieces.map((rows, index) =>
    ops.node('Slice', [
      asBlocks,
      ops.graph.ints([index, 0]),
      ops.graph.ints([index + count, rows * width]),
      ops.graph.ints([1, 2]),
    ]),
  );
  const shapeOfAll = [shape.channels, shape.batch * count, windows.inputRows * width];
  return ops.reshape(ops.concat(parts, 2), shapeOfAll);
}

/**
 * For every block of input rows, the output rows that read it: those of the earliest window first.
 * @param dz `[channels, batch · outputHeight · outputWidth]`
 * @returns `[channels, batch · blocks, pieces · window's output rows · outputWidth]`
 */
export function gatherOutputRows(
  ops: TensorOps,
  dz: string,
  shape: DepthwiseShape,
  windows: RowWindows,
): string {
  const { blocks, pieces } = windows;
  const width = shape.output[1];
  const maps = shape.channels * shape.batch;
  const image = ops.reshape(dz, [maps, shape.output[0] * width]);
  const windowPixels = windows.outputRows * width;
  const parts = pieces.map((_rows, index) => {
    const delay = pieces.length - 1 - index;
    const before = delay * windowPixels;
    const after = blocks * windowPixels - before - shape.output[0] * width;
    return ops.reshape(withZeros(ops, image, maps, before, after), [maps * blocks, windowPixels]);
  });
  const shapeOfAll = [shape.channels, shape.batch * blocks, pieces.length * windowPixels];
  return ops.reshape(ops.concat(parts, 1), shapeOfAll);
}

/**
 * Adds the rows that the last window has beyond the output's edge.
 * @param dz `[channels, batch · outputHeight · outputWidth]`
 * @returns `[channels, batch · windows, window's output rows · outputWidth]`
 */
export function splitOutputRows(
  ops: TensorOps,
  dz: string,
  shape: DepthwiseShape,
  windows: RowWindows,
): string {
  const { count, outputRows } = windows;
  const [height, width] = shape.output;
  const maps = shape.channels * shape.batch;
  const missing = (count * outputRows - height) * width;
  const padded =
    missing === 0 ? dz : withZeros(ops, ops.reshape(dz, [maps, height * width]), maps, 0, missing);
  return ops.reshape(padded, [shape.channels, shape.batch * count, outputRows * width]);
}

/** The inverse of {@link splitOutputRows}: drops the rows beyond the edge. */
export function joinOutputRows(
  ops: TensorOps,
  z: string,
  shape: DepthwiseShape,
  windows: RowWindows,
): string {
  const [height, width] = shape.output;
  const rows = windows.count * windows.outputRows;
  const maps = [shape.channels * shape.batch, rows * width];
  const cropped = rows === height ? z : ops.slice(ops.reshape(z, maps), 1, 0, height * width);
  return ops.reshape(cropped, [shape.channels, shape.batch * height * width]);
}

function withZeros(ops: TensorOps, maps: string, count: number, before: number, after: number): string {
  const zeros = (elements: number) => (elements === 0 ? [] : [ops.filled([count, elements], 0)]);
  return ops.concat([...zeros(before), maps, ...zeros(after)], 1);
}
