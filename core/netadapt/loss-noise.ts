import type { Evaluation } from './evaluation.js';

/**
 * Share of an evaluation's own standard error that is left in the difference of two networks on the same images after
 * fine-tuning on the same batches: most images cost both the same.
 */
const PAIRED_SHARE = 0.25;

/**
 * Differences of calibrated loss up to this say nothing. Losses of single images spread about as far as their mean is
 * high (variance ≈ mean, in nats, measured between 0.05 and 0.4), hence √(loss / images) for the mean.
 */
export function lossNoiseNats({ calibratedLossNats, count }: Evaluation): number {
  return PAIRED_SHARE * Math.sqrt(calibratedLossNats / count);
}
