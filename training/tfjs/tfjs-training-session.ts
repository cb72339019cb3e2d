import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import type { StepOptions, TrainingSession } from '../trainer.js';
import { forward } from './forward.js';
import type { ChannelStatistics } from './layers/normalize.js';
import { createMomentumOptimizer } from './momentum-optimizer.js';
import type { Tensor, Tensor4D, Tfjs } from './tfjs-namespace.js';
import { createWeightVariables } from './weight-variables.js';

/**
 * Trains by automatic differentiation of {@link forward}. Between steps only the variables, their momentum and the last
 * gradients stay in memory.
 */
export function createTfjsTrainingSession(
  tf: Tfjs,
  network: Network,
  weights: Weights,
  batchSize: number,
): TrainingSession {
  const imageShape = inferShapes(network).get(network.nodes[0]!.id)!;
  const variables = createWeightVariables(tf, network, weights);
  const optimizer = createMomentumOptimizer(tf, variables.trainable);
  let gradients: ReadonlyMap<string, Tensor> = new Map();
  let open = true;

  const assertOpen = () => {
    if (!open) throw new LutraError('conflict', 'the training session is closed');
  };

  return {
    batchSize,
    async step(images, targets, options) {
      assertOpen();
      tf.dispose([...gradients.values()]);
      const x: Tensor4D = tf.tensor4d(images, [batchSize, ...imageShape]);
      const goal = tf.tensor2d(targets, [batchSize, targets.length / batchSize]);
      const pass = differentiate(x, goal);
      gradients = pass.gradients;
      optimizer.apply(gradients, options);
      smoothStatistics(pass.statistics, options);
      const loss = pass.loss.dataSync()[0]!;
      tf.dispose([x, goal, pass.loss]);
      return { loss };
    },
    gradients() {
      assertOpen();
      return variables.toWeights(gradients);
    },
    weights() {
      assertOpen();
      return variables.toWeights(variables.all);
    },
    async close() {
      if (!open) return;
      open = false;
      tf.dispose([...gradients.values()]);
      optimizer.dispose();
      variables.dispose();
    },
  };

  function differentiate(x: Tensor4D, goal: Tensor) {
    const statistics = new Map<string, ChannelStatistics>();
    const keepStatistics = (id: string, { mean, variance }: ChannelStatistics) => {
      statistics.set(id, { mean: tf.keep(mean), variance: tf.keep(variance) });
    };
    const { value, grads } = tf.variableGrads(() => {
      const logits = forward(tf, network, variables.all, x, { onBatchStatistics: keepStatistics });
      return tf.neg(tf.mean(tf.sum(tf.mul(goal, tf.logSoftmax(logits)), 1))).asScalar();
    }, [...variables.trainable.values()]);
    const byWeight = [...variables.trainable].map(([name, variable]): [string, Tensor] => [
      name,
      grads[variable.name]!,
    ]);
    return { loss: value, gradients: new Map(byWeight), statistics };
  }

  /** Moves the running statistics towards the batch's, and disposes of these. */
  function smoothStatistics(
    batch: ReadonlyMap<string, ChannelStatistics>,
    { batchNormMomentum = 0.9 }: StepOptions,
  ) {
    for (const [id, { mean, variance }] of batch) {
      for (const [role, value] of [
        ['mean', mean],
        ['variance', variance],
      ] as const) {
        const running = variables.all.get(`${id}/${role}`)!;
        tf.tidy(() =>
          running.assign(tf.add(tf.mul(running, batchNormMomentum), tf.mul(value, 1 - batchNormMomentum))),
        );
        value.dispose();
      }
    }
  }
}
