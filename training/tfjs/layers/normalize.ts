import type { BatchNormNode } from '../../../core/network/network.js';
import type { Tensor, Tensor4D, Tfjs } from '../tfjs-namespace.js';

/** Mean and variance of each channel: `[channels]` both. The variance is that of the population, not an estimate. */
export interface ChannelStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Over batch, rows and columns. */
export function channelStatistics(tf: Tfjs, x: Tensor4D): ChannelStatistics {
  return tf.moments(x, [0, 1, 2]);
}

/**
 * Batch norm with given statistics.
 * @param x `[batch, height, width, channels]`
 * @param gamma `[channels]`, like beta
 * @see Ioffe and Szegedy 2015, algorithm 1, https://arxiv.org/abs/1502.03167
 */
export function normalize(
  tf: Tfjs,
  node: BatchNormNode,
  x: Tensor4D,
  { mean, variance }: ChannelStatistics,
  gamma: Tensor,
  beta: Tensor,
): Tensor4D {
  return tf.batchNorm4d(x, mean.as1D(), variance.as1D(), beta.as1D(), gamma.as1D(), node.epsilon);
}
