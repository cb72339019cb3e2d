import type { DepthwiseShape } from './depthwise-shape.js';

/** Which pixels a Toeplitz matrix joins: those of a window of input rows with those of a window of output rows. */
export interface IndicatorWindow {
  readonly inputRows: number;
  readonly outputRows: number;
  /** Position, in the window of input rows, of the row that the kernel's top touches for the first output row. */
  readonly firstTapRow: number;
}

/**
 * The 0/1 matrix E that spreads a kernel over a Toeplitz matrix, `T[input pixel, output pixel] = w·E`, so that
 * `z = x·T`. Taps beyond the window's rows, or left and right of the map, have no 1 in E: padding costs nothing.
 * @returns `[taps, input pixels, output pixels]`, row-major; `transposed`: `[taps, output pixels, input pixels]`
 */
export function toeplitzIndicator(
  shape: DepthwiseShape,
  window: IndicatorWindow,
  transposed = false,
): Float32Array {
  const { kernel, stride, pads } = shape;
  const [inputWidth, outputWidth] = [shape.input[1], shape.output[1]];
  const inputPixels = window.inputRows * inputWidth;
  const outputPixels = window.outputRows * outputWidth;
  const indicator = new Float32Array(kernel[0] * kernel[1] * inputPixels * outputPixels);
  for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
    const tapRow = Math.floor(tap / kernel[1]) + window.firstTapRow;
    const tapColumn = (tap % kernel[1]) - pads[3];
    for (let out = 0; out < outputPixels; out++) {
      const row = Math.floor(out / outputWidth) * stride[0] + tapRow;
      const column = (out % outputWidth) * stride[1] + tapColumn;
      if (row < 0 || row >= window.inputRows || column < 0 || column >= inputWidth) continue;
      const into = row * inputWidth + column;
      const index = transposed ? out * inputPixels + into : into * outputPixels + out;
      indicator[tap * inputPixels * outputPixels + index] = 1;
    }
  }
  return indicator;
}
