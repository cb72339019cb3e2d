import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import type { InferenceSession } from '../trainer.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { forward } from './forward.js';
import type { Tfjs } from './tfjs-namespace.js';
import { createWeightVariables } from './weight-variables.js';

/** Inference with batch norm folded into the layers before it. */
export function createTfjsInferenceSession(
  tf: Tfjs,
  network: Network,
  weights: Weights,
  batchSize: number,
): InferenceSession {
  const imageShape = inferShapes(network).get(network.nodes[0]!.id)!;
  const folded = foldBatchNorm(network, weights);
  const variables = createWeightVariables(tf, folded.network, folded.weights);
  let open = true;
  return {
    batchSize,
    async logits(images) {
      if (!open) throw new LutraError('conflict', 'the inference session is closed');
      const logits = tf.tidy(() =>
        forward(tf, folded.network, variables.all, tf.tensor4d(images, [batchSize, ...imageShape])),
      );
      const values = logits.dataSync<'float32'>().slice();
      logits.dispose();
      return values;
    },
    async close() {
      if (open) variables.dispose();
      open = false;
    },
  };
}
