import type { Padding } from './network.js';

/** Rows and columns; a `Shape` fits too, its channels are ignored. */
export type Extent = readonly [height: number, width: number, ...rest: number[]];

export interface WindowGeometry {
  /** `[height, width]` of the result. A value below 1 means that the window does not fit. */
  readonly output: readonly [height: number, width: number];
  /** Pixels added around the input. */
  readonly pads: readonly [top: number, right: number, bottom: number, left: number];
}

/**
 * Output size and padding of a window (convolution or pooling) that slides over a map.
 * @param size `[height, width]` of the input
 * @param kernel `[height, width]` of the window
 * @param stride `[vertical, horizontal]`
 */
export function windowGeometry(
  size: Extent,
  kernel: Extent,
  stride: Extent,
  padding: Padding,
): WindowGeometry {
  if (padding === 'same') return sameGeometry(size, kernel, stride);
  const pads = padding === 'valid' ? ([0, 0, 0, 0] as const) : padding;
  const [top, right, bottom, left] = pads;
  return {
    output: [
      Math.floor((size[0] + top + bottom - kernel[0]) / stride[0]) + 1,
      Math.floor((size[1] + left + right - kernel[1]) / stride[1]) + 1,
    ],
    pads,
  };
}

/**
 * TensorFlow's `same` rule: output = ceil(size / stride), the least padding that reaches it, an odd surplus at the
 * bottom and right.
 * @param size `[height, width]` of the input
 * @param kernel `[height, width]` of the window
 * @param stride `[vertical, horizontal]`
 */
export function sameGeometry(size: Extent, kernel: Extent, stride: Extent): WindowGeometry {
  const rows = Math.ceil(size[0] / stride[0]);
  const columns = Math.ceil(size[1] / stride[1]);
  const vertical = Math.max((rows - 1) * stride[0] + kernel[0] - size[0], 0);
  const horizontal = Math.max((columns - 1) * stride[1] + kernel[1] - size[1], 0);
  const top = Math.floor(vertical / 2);
  const left = Math.floor(horizontal / 2);
  return { output: [rows, columns], pads: [top, horizontal - left, vertical - top, left] };
}
