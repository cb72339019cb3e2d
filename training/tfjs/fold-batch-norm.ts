import type { BatchNormNode, Conv2dNode, DenseNode, LayerNode, Network } from '../../core/network/network.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';

type Scaled = Conv2dNode | DenseNode;

/**
 * The same function with fewer layers: each batch norm that alone reads a convolution or dense layer becomes part of
 * its kernel and bias. Others stay, with their running statistics.
 *
 * With s = gamma / √(variance + epsilon): kernel′ = s · kernel, bias′ = s · (bias − mean) + beta.
 */
export function foldBatchNorm(
  network: Network,
  weights: Weights,
): { readonly network: Network; readonly weights: Weights } {
  const pairs = findPairs(network);
  const folded = new Map(weights);
  const nodes: LayerNode[] = [];
  /** A batch norm's id → the id of the layer that has taken its place. */
  const replaced = new Map<string, string>();
  for (const node of network.nodes) {
    const layer = node.op === 'batchNorm' ? pairs.get(node) : undefined;
    if (node.op === 'batchNorm' && layer !== undefined) {
      foldWeights(folded, layer, node);
      replaced.set(node.id, layer.id);
      continue;
    }
    const inputs = node.inputs.map((id) => replaced.get(id) ?? id);
    const bias = [...pairs.values()].includes(node as Scaled) ? { bias: true } : {};
    nodes.push({ ...node, inputs, ...bias } as LayerNode);
  }
  return { network: { name: network.name, nodes }, weights: folded };
}

/** Each batch norm that can be folded, with the layer before it. */
function findPairs(network: Network): ReadonlyMap<BatchNormNode, Scaled> {
  const byId = new Map(network.nodes.map((node) => [node.id, node]));
  const readers = new Map<string, number>();
  for (const id of network.nodes.flatMap((node) => node.inputs)) readers.set(id, (readers.get(id) ?? 0) + 1);
  const pairs = new Map<BatchNormNode, Scaled>();
  for (const node of network.nodes) {
    if (node.op !== 'batchNorm') continue;
    const before = byId.get(node.inputs[0]!)!;
    if (readers.get(before.id) === 1 && (before.op === 'conv2d' || before.op === 'dense'))
      pairs.set(node, before);
  }
  return pairs;
}

function foldWeights(weights: Map<string, WeightTensor>, layer: Scaled, norm: BatchNormNode): void {
  const statistic = (role: string) => weights.get(`${norm.id}/${role}`)!.data;
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map(statistic) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const kernel = weights.get(`${layer.id}/kernel`)!;
  const bias = weights.get(`${layer.id}/bias`)?.data;
  const scale = gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + norm.epsilon));
  const rowLength = kernel.data.length / scale.length;
  weights.set(`${layer.id}/kernel`, {
    shape: kernel.shape,
    data: kernel.data.map((value, i) => value * scale[Math.floor(i / rowLength)]!),
  });
  weights.set(`${layer.id}/bias`, {
    shape: [scale.length],
    data: scale.map((value, channel) => value * ((bias?.[channel] ?? 0) - mean[channel]!) + beta[channel]!),
  });
  for (const role of ['gamma', 'beta', 'mean', 'variance']) weights.delete(`${norm.id}/${role}`);
}
