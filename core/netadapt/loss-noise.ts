import type { Evaluation } from './evaluation.js';

/**
 * Standard deviation, over batch orders, of the difference in loss between a cut network and the uncut one after the same
 * fine-tuning, as a share of √(loss / images). Measured with the small V3 on 5,000 held-out images, four cuts and six
 * orders each: 0.09 to 0.26 on MNIST (loss 0.063) and 0.10 to 0.26 on Fashion-MNIST (loss 0.33). Single evaluations move
 * by 0.4 to 0.5 of it: seeing the same batches is what makes proposals comparable.
 */
const PAIRED_SHARE = 0.25;

/**
 * Differences of calibrated loss up to this say nothing.
 * @returns nats
 */
export function lossNoiseNats({ calibratedLossNats, count }: Evaluation): number {
  return PAIRED_SHARE * Math.sqrt(calibratedLossNats / count);
}
