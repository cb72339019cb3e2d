import { LutraError } from '../../../core/errors.js';
import type { PoolNode } from '../../../core/network/network.js';
import type { Tensor4D, Tfjs } from '../tfjs-namespace.js';
import { padExplicitly } from './pad.js';

/** Below every activation, and finite: minus infinity times a gradient of zero would be no number. */
const BELOW_ALL = -3e38;

/**
 * Maximum or mean of the pixels under each window; padding counts in neither.
 * @param x `[batch, height, width, channels]`
 */
export function pool(tf: Tfjs, node: PoolNode, x: Tensor4D): Tensor4D {
  const kernel = [...node.kernel] as [number, number];
  const stride = [...node.stride] as [number, number];
  const padding = node.padding === 'same' ? 'same' : 'valid';
  if (node.op === 'maxPool') {
    return tf.maxPool(padExplicitly(tf, x, node.padding, BELOW_ALL), kernel, stride, padding);
  }
  const mean = tf.avgPool(padExplicitly(tf, x, node.padding, 0), kernel, stride, padding);
  if (typeof node.padding === 'string') return mean;
  const inside = padExplicitly(tf, tf.ones([1, x.shape[1], x.shape[2], 1]), node.padding, 0);
  return tf.div(mean, tf.avgPool(inside as Tensor4D, kernel, stride, padding));
}

/**
 * Refuses a pooling window that can lie wholly in the padding: it has neither mean nor maximum.
 * @throws LutraError `unsupported-op`
 */
export function checkPool(node: PoolNode, pointer: string): void {
  if (typeof node.padding === 'string') return;
  const [top, right, bottom, left] = node.padding;
  const [height, width] = node.kernel;
  if (Math.max(top, bottom) < height && Math.max(left, right) < width) return;
  throw new LutraError(
    'unsupported-op',
    `node '${node.id}': tfjs cannot pool with a padding of [${node.padding.join(', ')}] under a window of ` +
      `${height}x${width}, which may cover padding alone`,
    { pointer: `${pointer}/padding` },
  );
}
