import type { TrainPayload, TrainResult } from '../../../contracts/job.js';
import type { TrainOrder } from '../../../contracts/train-message.js';
import { initializeWeights } from '../../../core/network/initialize-weights.js';
import { parseNetwork } from '../../../core/network/parse-network.js';
import type { Weights } from '../../../core/network/weights.js';
import { seededRng } from '../../../core/random.js';
import type { Dataset } from '../../../training/datasets/dataset.js';
import { evaluateNetwork } from '../../../training/recipe/evaluate-network.js';
import type { RunControl } from '../../../training/recipe/run-control.js';
import { trainNetwork } from '../../../training/recipe/train-network.js';
import type { Trainer } from '../../../training/trainer.js';
import { decodeWeights } from '../../../training/weights/weights-codec.js';

export interface TrainedJob {
  readonly result: Omit<TrainResult, 'weights' | 'importance'>;
  readonly weights: Weights;
  /** Where asked for. */
  readonly importance: Weights | null;
}

/** One training job from its order to its figures. The outcome depends on the order alone, but for `durationMs`. */
export async function performTraining(
  { payload, weights, teacherWeights }: TrainOrder,
  trainer: Trainer,
  dataset: Dataset,
  control: RunControl,
): Promise<TrainedJob> {
  const startedAtMs = performance.now();
  const network = parseNetwork(payload.network);
  const start =
    weights === null
      ? initializeWeights(network, seededRng(payload.seed))
      : decodeWeights(fromBase64(weights));
  const teacher = teacherOf(payload, teacherWeights);
  const trained = await trainNetwork(trainer, network, start, dataset, payload.recipe, {
    ...control,
    seed: payload.seed,
    teacher,
    importance: payload.importance ?? false,
  });
  const evaluate = (part: 'holdout' | 'test') =>
    payload.evaluateOn.includes(part)
      ? evaluateNetwork(trainer, network, trained.weights, dataset[part], control)
      : null;
  const holdout = await evaluate('holdout');
  const test = await evaluate('test');
  return {
    weights: trained.weights,
    importance: trained.importance,
    result: {
      kind: 'train',
      finalLossNats: trained.finalLossNats,
      holdout,
      test,
      steps: payload.recipe.steps,
      durationMs: performance.now() - startedAtMs,
    },
  };
}

function teacherOf({ teacher }: TrainPayload, weights: string | null) {
  if (teacher === null || weights === null) return undefined;
  return { network: parseNetwork(teacher.network), weights: decodeWeights(fromBase64(weights)) };
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
