import * as tf from '@tensorflow/tfjs';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { forward } from '../../training/tfjs/forward.js';
import type { ChannelStatistics } from '../../training/tfjs/layers/normalize.js';
import type { Tensor, Tensor4D } from '../../training/tfjs/tfjs-namespace.js';
import { createWeightVariables, type WeightVariables } from '../../training/tfjs/weight-variables.js';

export interface OracleStep {
  readonly loss: number;
  readonly gradients: Weights;
  /** Of the batch, by `<node id>/mean` and `<node id>/variance`. */
  readonly statistics: ReadonlyMap<string, Float32Array>;
}

/**
 * Loss, gradients and batch statistics of one batch by automatic differentiation in plain JavaScript (tfjs's `cpu`
 * backend): slow, and independent of every native library. `tfjs-forward.test.ts` holds its arithmetic to plain loops.
 */
export async function oracleStep(
  network: Network,
  weights: Weights,
  images: Float32Array,
  targets: Float32Array,
): Promise<OracleStep> {
  return onCpu(network, weights, (variables) => {
    const x = toTensor(network, images);
    const goal = tf.tensor2d(targets, [x.shape[0], targets.length / x.shape[0]]);
    const statistics = new Map<string, Float32Array>();
    const onBatchStatistics = (id: string, { mean, variance }: ChannelStatistics) => {
      statistics.set(`${id}/mean`, mean.dataSync<'float32'>().slice());
      statistics.set(`${id}/variance`, variance.dataSync<'float32'>().slice());
    };
    const { value, grads } = tf.variableGrads(() => {
      const logits = forward(tf, network, variables.all, x, { onBatchStatistics }) as tf.Tensor2D;
      return tf.losses.softmaxCrossEntropy(goal, logits).asScalar();
    }, [...variables.trainable.values()]);
    const gradients = new Map(
      [...variables.trainable].map(([name, v]): [string, Tensor] => [name, grads[v.name]!]),
    );
    return { loss: value.dataSync()[0]!, gradients: variables.toWeights(gradients), statistics };
  });
}

/** Logits `[batch, classes]` with running statistics, nothing folded. */
export async function oracleLogits(
  network: Network,
  weights: Weights,
  images: Float32Array,
): Promise<Float32Array> {
  return onCpu(network, weights, (variables) => {
    return forward(tf, network, variables.all, toTensor(network, images)).dataSync<'float32'>().slice();
  });
}

function toTensor(network: Network, images: Float32Array): Tensor4D {
  const shape = inferShapes(network).get(network.nodes[0]!.id)!;
  return tf.tensor4d(images, [images.length / (shape[0] * shape[1] * shape[2]), ...shape]);
}

/** The native package shares this one's engine: what was the backend before is the backend after. */
async function onCpu<T>(
  network: Network,
  weights: Weights,
  work: (variables: WeightVariables) => T,
): Promise<T> {
  const before = tf.getBackend();
  await tf.setBackend('cpu');
  tf.engine().startScope();
  const variables = createWeightVariables(tf, network, weights);
  try {
    return work(variables);
  } finally {
    variables.dispose();
    tf.engine().endScope();
    if (before !== '' && before !== undefined) await tf.setBackend(before);
  }
}
