import { softmaxRows } from './softmax-rows.js';

/**
 * One-hot targets.
 * @param labels class of each image
 * @returns `[labels, classes]`
 */
export function oneHotTargets(labels: Uint8Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    targets[row * classes + label] = 1;
  });
  return targets;
}

/**
 * Targets for distillation: `(1 − weight) · one-hot + weight · softmax(teacher)`, at temperature 1.
 * @param teacherLogits `[labels, classes]`
 * @param weight the teacher's share, 0 … 1
 * @returns `[labels, classes]`
 * @see Hinton et al. 2015, section 2, https://arxiv.org/abs/1503.02531
 */
export function softTargets(labels: Uint8Array, teacherLogits: Float32Array, weight: number): Float32Array {
  const classes = teacherLogits.length / labels.length;
  const targets = softmaxRows(teacherLogits.slice(), classes);
  for (let i = 0; i < targets.length; i++) targets[i]! *= weight;
  labels.forEach((label, row) => {
    targets[row * classes + label]! += 1 - weight;
  });
  return targets;
}
