import { isDepthwise } from '../../../core/network/is-depthwise.js';
import type { Conv2dNode } from '../../../core/network/network.js';
import type { Tensor, Tensor4D, Tfjs } from '../tfjs-namespace.js';
import { padExplicitly } from './pad.js';

/**
 * A convolution of any number of groups.
 * @param x `[batch, height, width, channels]`
 * @param kernel in tfjs's order: `[kh, kw, channels / groups, filters]`, or `[kh, kw, channels, 1]` for a depthwise one
 */
export function convolve(
  tf: Tfjs,
  node: Conv2dNode,
  x: Tensor4D,
  kernel: Tensor4D,
  bias: Tensor | undefined,
): Tensor4D {
  const padding = node.padding === 'same' ? 'same' : 'valid';
  const padded = padExplicitly(tf, x, node.padding, 0);
  const convolved = withoutBias(tf, node, padded, kernel, padding);
  return bias === undefined ? convolved : tf.add(convolved, bias);
}

function withoutBias(
  tf: Tfjs,
  node: Conv2dNode,
  x: Tensor4D,
  kernel: Tensor4D,
  padding: 'same' | 'valid',
): Tensor4D {
  const stride = [...node.stride] as [number, number];
  if (node.groups === 1) return tf.conv2d(x, kernel, stride, padding);
  const depthwise = isDepthwise(node, x.shape[3]);
  if (depthwise && stride[0] === stride[1]) return tf.depthwiseConv2d(x, kernel, stride, padding);
  // TensorFlow has no kernel for the rest on a CPU: one convolution a group.
  const inputs: Tensor4D[] = tf.split(x, node.groups, 3);
  const kernels: Tensor4D[] = tf.split(kernel, node.groups, depthwise ? 2 : 3);
  return tf.concat(
    inputs.map((input, group): Tensor4D => tf.conv2d(input, kernels[group]!, stride, padding)),
    3,
  );
}
