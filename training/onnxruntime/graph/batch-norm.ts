import type { BatchNormNode } from '../../../core/network/network.js';
import type { LayerContext } from './layer-context.js';

export interface NormalizedRows {
  /** `(γ·ẑ + β) / outputScale`, `[channels, pixels]` */
  readonly tensor: string;
  /**
   * @param gradient of γ·ẑ + β, `[channels, pixels]`
   * @returns dz in two factors: `dz[c, p] = factor[c] · rows[c, p]`; who multiplies with weights next folds the factor
   * into them
   */
  backward(gradient: string): { readonly rows: string; readonly factor: string };
}

export interface NormalizedShape {
  readonly channels: number;
  /** Pixels of the whole batch. */
  readonly pixels: number;
  /** What the output is divided by, folded into γ and β. */
  readonly outputScale: number;
}

/**
 * Batch norm on rows z `[channels, pixels]`, statistics over the pixels of the whole batch:
 * ẑ = (z − μ) / √(σ² + ε), u = γ·ẑ + β. With a = γ / √(σ² + ε):
 *
 *     dβ = Σ du      dγ = Σ du·ẑ = (Σ du·z − μ·dβ) / √(σ² + ε)
 *     dz = a · (du − (dβ + dγ·ẑ) / pixels)
 *
 * The bracket's second term is an affine map of z for each channel, and again a batch norm: one pass.
 * @see https://arxiv.org/abs/1502.03167
 */
export function batchNorm(
  context: LayerContext,
  z: string,
  node: BatchNormNode,
  shape: NormalizedShape,
): NormalizedRows {
  const { ops, parameters, statistics } = context;
  const { channels, pixels, outputScale } = shape;
  const gamma = parameters.vector(`${node.id}/gamma`);
  const beta = parameters.vector(`${node.id}/beta`);
  const [u, mean, variance] = ops.outputsOf(
    'BatchNormalization',
    [
      ops.reshape(z, [1, channels, pixels]),
      ops.scaled(gamma, 1 / outputScale),
      ops.scaled(beta, 1 / outputScale),
      ...privateStatistics(context, channels),
    ],
    3,
    { epsilon: { float: node.epsilon }, momentum: { float: 0 }, training_mode: { int: 1 } },
  ) as [string, string, string];
  statistics.set(node.id, mean, variance);

  const backward = (du: string) => {
    const dBeta = ops.sum(du, [1]);
    const rowsOf = (x: string) => ops.reshape(x, [channels, 1, pixels]);
    // Without a factor: only then does the runtime take its fast way for the product of two vectors.
    const dot = ops.reshape(ops.matMul(rowsOf(du), rowsOf(z), { transposeB: true }), [channels]);
    const deviation = ops.deviation(variance, node.epsilon);
    const dGamma = ops.div(ops.sub(dot, ops.mul(mean, dBeta)), deviation);
    parameters.setGradient(`${node.id}/gamma`, dGamma);
    parameters.setGradient(`${node.id}/beta`, dBeta);
    const correction = ops.node(
      'BatchNormalization',
      [
        ops.reshape(z, [1, channels, pixels]),
        ops.scaled(dGamma, 1 / pixels),
        ops.scaled(dBeta, 1 / pixels),
        mean,
        variance,
      ],
      { epsilon: { float: node.epsilon } },
    );
    return {
      rows: ops.sub(du, ops.reshape(correction, [channels, pixels])),
      factor: ops.div(gamma, deviation),
    };
  };
  return { tensor: ops.reshape(u, [channels, pixels]), backward };
}

/**
 * The running mean and variance that the operator asks for. With momentum 0 their values do not matter, but the
 * operator writes its outputs *onto these inputs*: every node needs a pair of its own, and of different values, since
 * equal small constants may be merged into one.
 */
function privateStatistics({ ops }: LayerContext, channels: number): [string, string] {
  const filledWith = (value: number) =>
    ops.graph.initializer([channels], new Float32Array(channels).fill(value));
  return [filledWith(ops.graph.nodeCount), filledWith(ops.graph.nodeCount + 0.5)];
}
