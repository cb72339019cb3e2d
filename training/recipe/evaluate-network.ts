import type { Evaluation } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import type { Split } from '../datasets/dataset.js';
import { normalizeImages } from '../datasets/normalize-images.js';
import type { InferenceSession, Trainer } from '../trainer.js';
import { calibratedLoss, crossEntropy } from './calibrated-loss.js';
import type { RunControl } from './run-control.js';

export interface EvaluateOptions extends Pick<RunControl, 'signal' | 'gate'> {
  /** Images in one inference. Default 100. */
  readonly batchSize?: number;
}

const BATCHES_PER_SLICE = 20;

/**
 * Accuracy and losses of a network on all images of a split.
 * @throws LutraError `training-failed` when a logit is not finite; what the trainer throws
 */
export async function evaluateNetwork(
  trainer: Trainer,
  network: Network,
  weights: Weights,
  split: Split,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  options.signal?.throwIfAborted();
  await options.gate?.();
  const session = await trainer.openInference(network, weights, options.batchSize ?? 100);
  try {
    const logits = await allLogits(session, split, options);
    if (!logits.every(Number.isFinite)) {
      throw new LutraError('training-failed', `${network.name} answers with logits that are not finite`);
    }
    const calibrated = calibratedLoss(logits, split.labels);
    return {
      accuracy: countCorrect(logits, split.labels) / split.count,
      lossNats: crossEntropy(logits, split.labels),
      calibratedLossNats: calibrated.lossNats,
      temperature: calibrated.temperature,
      count: split.count,
    };
  } finally {
    await session.close();
  }
}

/** Logits `[count, classes]`. The last batch is filled up with images of the one before it, whose logits are dropped. */
async function allLogits(
  session: InferenceSession,
  split: Split,
  { gate, signal }: EvaluateOptions,
): Promise<Float32Array> {
  const imageBytes = split.images.length / split.count;
  const images = new Float32Array(session.batchSize * imageBytes);
  let logits: Float32Array | undefined;
  for (let first = 0, batch = 0; first < split.count; first += session.batchSize, batch++) {
    signal?.throwIfAborted();
    if (batch > 0 && batch % BATCHES_PER_SLICE === 0) await gate?.();
    const count = Math.min(session.batchSize, split.count - first);
    normalizeImages(split.images.subarray(first * imageBytes, (first + count) * imageBytes), images);
    const answers = await session.logits(images);
    const classes = answers.length / session.batchSize;
    logits ??= new Float32Array(split.count * classes);
    logits.set(answers.subarray(0, count * classes), first * classes);
  }
  return logits ?? new Float32Array(0);
}

function countCorrect(logits: Float32Array, labels: Uint8Array): number {
  const classes = logits.length / labels.length;
  let correct = 0;
  labels.forEach((label, row) => {
    const answers = logits.subarray(row * classes, (row + 1) * classes);
    if (answers.every((answer, c) => c === label || answer < answers[label]!)) correct++;
  });
  return correct;
}
