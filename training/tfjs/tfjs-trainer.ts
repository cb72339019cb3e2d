import type { Network } from '../../core/network/network.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import type { Trainer } from '../trainer.js';
import { checkTrainable } from './check-trainable.js';
import { loadNativeTfjs } from './load-native-tfjs.js';
import { createTfjsInferenceSession } from './tfjs-inference-session.js';
import type { Tfjs } from './tfjs-namespace.js';
import { createTfjsTrainingSession } from './tfjs-training-session.js';

/**
 * The second engine: TensorFlow itself, through `@tensorflow/tfjs-node`. It trains every network by automatic
 * differentiation, about ten times as slowly as the training graph of `training/onnxruntime`.
 * @throws LutraError `engine-unavailable` when the native library is missing
 */
export async function createTfjsTrainer(): Promise<Trainer> {
  return tfjsTrainerOver(await loadNativeTfjs());
}

/** The same over a namespace that is loaded already, whatever its backend. */
export function tfjsTrainerOver(tf: Tfjs): Trainer {
  const check = (network: Network, weights: Weights) => {
    checkTrainable(network);
    checkWeights(network, weights);
  };
  return {
    name: 'tfjs',
    async openTraining(network, weights, batchSize) {
      check(network, weights);
      return createTfjsTrainingSession(tf, network, weights, batchSize);
    },
    async openInference(network, weights, batchSize) {
      check(network, weights);
      return createTfjsInferenceSession(tf, network, weights, batchSize);
    },
  };
}
