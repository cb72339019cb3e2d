import type { Padding } from '../network/network.js';
import { type Extent, sameGeometry, windowGeometry } from '../network/window-geometry.js';

/**
 * One spelling for paddings of equal effect: rows and columns that no window reaches are left out; `same` wherever it
 * means the same pixels, else `valid`, else pixels. So an imported model that pads a 3×3 kernel by one pixel shares its
 * op keys with a network that says `same`.
 * @param size `[height, width]` of the input
 * @param kernel `[height, width]` of the window
 * @param stride `[vertical, horizontal]`
 */
export function canonicalPadding(size: Extent, kernel: Extent, stride: Extent, padding: Padding): Padding {
  if (padding === 'same') return padding;
  const { output, pads } = windowGeometry(size, kernel, stride, padding);
  const [top, , , left] = pads;
  const reached = [(output[0] - 1) * stride[0] + kernel[0], (output[1] - 1) * stride[1] + kernel[1]] as const;
  const bottom = Math.max(0, reached[0] - size[0] - top);
  const right = Math.max(0, reached[1] - size[1] - left);
  const same = sameGeometry(size, kernel, stride);
  const sameOutput = same.output[0] === output[0] && same.output[1] === output[1];
  const samePads = [top, right, bottom, left].every((pixels, side) => pixels === same.pads[side]);
  if (sameOutput && samePads) return 'same';
  return top + right + bottom + left === 0 ? 'valid' : [top, right, bottom, left];
}
