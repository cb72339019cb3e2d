import type { BatchNormNode, LayerNode, Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import { BATCH_NORM_EPSILON, type BatchNormParameters, type WeightSource } from './weight-source.js';

/**
 * A network's own weights, by op: the batch norm behind a layer becomes part of its kernel and bias.
 *
 * With s = gamma / √(variance + epsilon): kernel′ = s · kernel, bias′ = s · (bias − mean) + beta.
 */
export function givenWeights(
  network: Network,
  weights: Weights,
): (fused: { readonly nodes: readonly string[] }) => WeightSource {
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  return (fused) =>
    new OpWeights(
      fused.nodes.map((id) => nodes.get(id)!),
      weights,
    );
}

interface Layer {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

class OpWeights implements WeightSource {
  private readonly layers: Layer[] = [];
  private pendingBias: Float32Array | undefined;

  constructor(
    private readonly nodes: readonly LayerNode[],
    private readonly weights: Weights,
  ) {
    nodes.forEach((node, i) => {
      if (node.op !== 'conv2d' && node.op !== 'dense') return;
      const next = nodes[i + 1];
      this.layers.push(this.layer(node, next?.op === 'batchNorm' ? next : undefined));
    });
  }

  kernel(): Float32Array {
    const { kernel, bias } = this.layers.shift()!;
    this.pendingBias = bias;
    return kernel;
  }

  bias(): Float32Array {
    return this.pendingBias!;
  }

  batchNorm(): BatchNormParameters {
    const node = this.nodes.find((candidate) => candidate.op === 'batchNorm')!;
    const parameters = this.statistics(node);
    return {
      ...parameters,
      variance: parameters.variance.map((value) => value + node.epsilon - BATCH_NORM_EPSILON),
    };
  }

  private layer(node: Extract<LayerNode, { op: 'conv2d' | 'dense' }>, norm?: BatchNormNode): Layer {
    const kernel = this.tensor(node.id, 'kernel');
    const outputs = node.op === 'conv2d' ? node.filters : node.units;
    const bias = node.bias ? this.tensor(node.id, 'bias') : new Float32Array(outputs);
    if (norm === undefined) return { kernel, bias };
    const { gamma, beta, mean, variance } = this.statistics(norm);
    const scale = gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + norm.epsilon));
    const rowLength = kernel.length / outputs;
    return {
      kernel: kernel.map((value, i) => value * scale[Math.floor(i / rowLength)]!),
      bias: scale.map((value, channel) => value * (bias[channel]! - mean[channel]!) + beta[channel]!),
    };
  }

  private statistics({ id }: BatchNormNode): BatchNormParameters {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((role) =>
      this.tensor(id, role),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    return { gamma, beta, mean, variance };
  }

  private tensor(nodeId: string, role: string): Float32Array {
    return this.weights.get(`${nodeId}/${role}`)!.data;
  }
}
