/**
 * Softmax of each row, in place.
 * @param logits `[rows, classes]`; returned holding probabilities
 */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  for (let start = 0; start < logits.length; start += classes) {
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[start + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const power = Math.exp(logits[start + c]! - most);
      logits[start + c] = power;
      sum += power;
    }
    for (let c = 0; c < classes; c++) logits[start + c]! /= sum;
  }
  return logits;
}
