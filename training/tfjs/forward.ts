import type { LayerNode, Network } from '../../core/network/network.js';
import { activate } from './layers/activate.js';
import { convolve } from './layers/convolution.js';
import { type ChannelStatistics, channelStatistics, normalize } from './layers/normalize.js';
import { pool } from './layers/pooling.js';
import type { Tensor, Tensor4D, Tfjs } from './tfjs-namespace.js';

export interface ForwardOptions {
  /**
   * Called with the statistics of each batch norm by node id. Given: batch norm uses the batch's own statistics, as in
   * training. Absent: it uses the running ones. The tensors live as long as the surrounding `tf.tidy`.
   */
  readonly onBatchStatistics?: (nodeId: string, statistics: ChannelStatistics) => void;
}

/**
 * Runs a network. Every step is differentiable, so `tf.variableGrads` over it trains any network.
 * @param tf the namespace to compute with, native or plain
 * @param variables all weights of the network by name, in tfjs's axis order ({@link ./weight-layout.ts})
 * @param images `[batch, height, width, channels]`
 * @returns logits `[batch, classes]`: the input of a final softmax if the network has one, else its output
 */
export function forward(
  tf: Tfjs,
  network: Network,
  variables: ReadonlyMap<string, Tensor>,
  images: Tensor4D,
  options: ForwardOptions = {},
): Tensor {
  const outputs = new Map<string, Tensor4D>();
  for (const node of network.nodes) {
    const inputs = node.inputs.map((id) => outputs.get(id)!);
    const isFinalSoftmax =
      node === network.nodes.at(-1) && node.op === 'activation' && node.activation === 'softmax';
    outputs.set(
      node.id,
      isFinalSoftmax ? inputs[0]! : evaluate(tf, node, inputs, variables, images, options),
    );
  }
  const last = outputs.get(network.nodes.at(-1)!.id)!;
  return last.reshape([last.shape[0], -1]);
}

function evaluate(
  tf: Tfjs,
  node: LayerNode,
  inputs: readonly Tensor4D[],
  variables: ReadonlyMap<string, Tensor>,
  images: Tensor4D,
  options: ForwardOptions,
): Tensor4D {
  const x = inputs[0]!;
  const weight = (role: string) => variables.get(`${node.id}/${role}`);
  switch (node.op) {
    case 'input':
      return images;
    case 'conv2d':
      return convolve(tf, node, x, weight('kernel') as Tensor4D, weight('bias'));
    case 'batchNorm': {
      const statistics = statisticsFor(tf, node.id, x, variables, options);
      return normalize(tf, node, x, statistics, weight('gamma')!, weight('beta')!);
    }
    case 'activation':
      return activate(tf, node.activation, x);
    case 'add':
      return tf.add(x, inputs[1]!);
    case 'mul':
      return tf.mul(x, inputs[1]!);
    case 'concat':
      return tf.concat([...inputs], 3);
    case 'globalAvgPool':
      return tf.mean(x, [1, 2], true);
    case 'avgPool':
    case 'maxPool':
      return pool(tf, node, x);
    case 'flatten':
      return x.reshape([x.shape[0], 1, 1, -1]);
    case 'dense':
      return dense(tf, x, weight('kernel')!, weight('bias'));
  }
}

function statisticsFor(
  tf: Tfjs,
  nodeId: string,
  x: Tensor4D,
  variables: ReadonlyMap<string, Tensor>,
  { onBatchStatistics }: ForwardOptions,
): ChannelStatistics {
  if (onBatchStatistics === undefined) {
    return { mean: variables.get(`${nodeId}/mean`)!, variance: variables.get(`${nodeId}/variance`)! };
  }
  const statistics = channelStatistics(tf, x);
  onBatchStatistics(nodeId, statistics);
  return statistics;
}

/** @param kernel `[in, units]` */
function dense(tf: Tfjs, x: Tensor4D, kernel: Tensor, bias: Tensor | undefined): Tensor4D {
  const product = tf.matMul(x.reshape([x.shape[0], x.shape[3]]), kernel);
  const result = bias === undefined ? product : tf.add(product, bias);
  return result.reshape([x.shape[0], 1, 1, -1]);
}
