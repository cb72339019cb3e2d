import type { TensorOps } from '../tensor-ops.js';

/** Overlapping windows of consecutive rows of a map, zeros where they stand over its edge. */
export interface RowWindows {
  /** Extents of the map. */
  readonly height: number;
  readonly width: number;
  /** Windows of one map. */
  readonly count: number;
  /** Rows of a window. */
  readonly rows: number;
  /** Rows from one window's first to the next window's first. */
  readonly step: number;
  /** Rows that the first window starts above the map. */
  readonly above: number;
}

/**
 * Cuts maps into blocks of `step` rows: window i is block i and the first rows of the blocks after it, so a slice for
 * each of these and one concatenation gather all windows.
 * @param maps `[number of maps, height · width]` in any shape
 * @returns `[number of maps, windows, rows · width]`
 */
export function gatherRows(ops: TensorOps, maps: string, number: number, windows: RowWindows): string {
  const { height, width, count, rows, step, above } = windows;
  const pieces: number[] = [];
  for (let start = 0; start < rows; start += step) pieces.push(Math.min(step, rows - start));
  const blocks = count - 1 + pieces.length;
  const fitted = fitRows(ops, ops.reshape(maps, [number, height * width]), number, {
    have: height * width,
    before: above * width,
    want: blocks * step * width,
  });
  const asBlocks = ops.reshape(fitted, [number, blocks, step * width]);
  const parts = pieces.map((pieceRows, index) =>
    blocks === count && pieceRows === step
      ? asBlocks
      : ops.node('Slice', [
          asBlocks,
          ops.graph.ints([index, 0]),
          ops.graph.ints([index + count, pieceRows * width]),
          ops.graph.ints([1, 2]),
        ]),
  );
  return ops.concat(parts, 2);
}

/** Zeros before the values of each row, and zeros after them or a cut, until there are as many as wanted. */
function fitRows(
  ops: TensorOps,
  rows: string,
  count: number,
  { have, before, want }: { readonly have: number; readonly before: number; readonly want: number },
): string {
  const kept = Math.min(have, want - before);
  const after = want - before - kept;
  const zeros = (length: number) => (length === 0 ? [] : [ops.filled([count, length], 0)]);
  const cut = kept === have ? rows : ops.slice(rows, 1, 0, kept);
  return ops.concat([...zeros(before), cut, ...zeros(after)], 1);
}
