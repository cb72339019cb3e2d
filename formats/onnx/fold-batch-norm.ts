import type { BatchNormNode, Conv2dNode, DenseNode, Network } from '../../core/network/network.js';
import { topologyOf } from '../../core/network/topology.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';

/** A layer that multiplies with a kernel, output channels first. */
export type ScaledNode = Conv2dNode | DenseNode;

/** Every batch norm that alone reads a convolution or dense layer, by that layer's id. */
export function batchNormsToFold(network: Network): ReadonlyMap<string, BatchNormNode> {
  const { soleReader } = topologyOf(network);
  const folded = new Map<string, BatchNormNode>();
  network.nodes.forEach((node, position) => {
    const reader = network.nodes[soleReader[position]!];
    if ((node.op === 'conv2d' || node.op === 'dense') && reader?.op === 'batchNorm')
      folded.set(node.id, reader);
  });
  return folded;
}

/**
 * A layer's kernel and bias with a batch norm multiplied in: s = γ / √(σ² + ε), kernel′ = s·kernel,
 * bias′ = s·(bias − μ) + β. Without one, as they are.
 */
export function weightsOf(
  node: ScaledNode,
  batchNorm: BatchNormNode | undefined,
  weights: Weights,
): { readonly kernel: WeightTensor; readonly bias: WeightTensor | undefined } {
  const kernel = weights.get(`${node.id}/kernel`)!;
  const bias = weights.get(`${node.id}/bias`);
  if (batchNorm === undefined) return { kernel, bias };
  const statistic = (role: string) => weights.get(`${batchNorm.id}/${role}`)!.data;
  const [mean, beta, variance] = [statistic('mean'), statistic('beta'), statistic('variance')];
  const scale = statistic('gamma').map((gamma, i) => gamma / Math.sqrt(variance[i]! + batchNorm.epsilon));
  const rowLength = kernel.data.length / scale.length;
  return {
    kernel: { shape: kernel.shape, data: kernel.data.map((w, i) => w * scale[Math.floor(i / rowLength)]!) },
    bias: {
      shape: [scale.length],
      data: scale.map((s, i) => s * ((bias?.data[i] ?? 0) - mean[i]!) + beta[i]!),
    },
  };
}
