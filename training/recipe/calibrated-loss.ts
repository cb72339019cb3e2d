export interface CalibratedLoss {
  /** Mean cross-entropy at the temperature that makes it least, in nats. */
  readonly lossNats: number;
  /** What the logits were divided by. */
  readonly temperature: number;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const LOG_RANGE = Math.log(100);
const TOLERANCE = 1e-4;

/**
 * Mean cross-entropy of softmax(logits / T) at its minimum over T, found by golden-section search over
 * log T in ±log 100. The loss is convex in 1/T, so there is one minimum. A network that was fine-tuned for a hundred
 * steps is as often over- as under-confident; without T that would hide what its cut cost.
 * @param logits `[labels, classes]`
 * @see Guo et al. 2017, section 4.2, https://arxiv.org/abs/1706.04599
 */
export function calibratedLoss(logits: Float32Array, labels: Uint8Array): CalibratedLoss {
  const at = (logTemperature: number) => crossEntropy(logits, labels, Math.exp(logTemperature));
  let low = -LOG_RANGE;
  let high = LOG_RANGE;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let lossLeft = at(left);
  let lossRight = at(right);
  while (high - low > TOLERANCE) {
    if (lossLeft < lossRight) {
      high = right;
      right = left;
      lossRight = lossLeft;
      left = high - GOLDEN * (high - low);
      lossLeft = at(left);
    } else {
      low = left;
      left = right;
      lossLeft = lossRight;
      right = low + GOLDEN * (high - low);
      lossRight = at(right);
    }
  }
  const logTemperature = (low + high) / 2;
  return { lossNats: at(logTemperature), temperature: Math.exp(logTemperature) };
}

/**
 * Mean cross-entropy of softmax(logits / temperature), in nats.
 * @param logits `[labels, classes]`
 */
export function crossEntropy(logits: Float32Array, labels: Uint8Array, temperature = 1): number {
  const classes = logits.length / labels.length;
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[start + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp((logits[start + c]! - most) / temperature);
    total += Math.log(sum) - (logits[start + labels[row]!]! - most) / temperature;
  }
  return total / labels.length;
}
