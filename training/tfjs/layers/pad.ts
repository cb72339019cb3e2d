import type { Padding } from '../../../core/network/network.js';
import type { Tensor4D, Tfjs } from '../tfjs-namespace.js';

/**
 * Pads rows and columns where a node says how many; `same` and `valid` are left to TensorFlow. TensorFlow's gradient
 * kernels know no explicit padding.
 * @param x `[batch, height, width, channels]`
 */
export function padExplicitly(tf: Tfjs, x: Tensor4D, padding: Padding, value: number): Tensor4D {
  if (typeof padding === 'string') return x;
  const [top, right, bottom, left] = padding;
  if (top + right + bottom + left === 0) return x;
  return tf.pad4d(
    x,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    value,
  );
}
