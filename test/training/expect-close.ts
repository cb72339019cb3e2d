import { expect } from 'vitest';
import type { Weights } from '../../core/network/weights.js';

/** The largest deviation, as a share of the largest expected value, or of `floor` if that is larger. */
export function relativeDeviation(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  floor = 1e-6,
): number {
  let deviation = 0;
  let largest = floor;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    deviation = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(deviation, difference);
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return deviation / largest;
}

/** Same tensors by name and shape, and each within a share of its own largest value. */
export function expectCloseTensors(
  actual: Weights,
  expected: Weights,
  tolerance: number,
  floor = 1e-6,
): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  const deviations = [...expected].map(([name, tensor]): [string, number] => {
    expect(actual.get(name)!.shape, name).toEqual(tensor.shape);
    return [name, relativeDeviation(actual.get(name)!.data, tensor.data, floor)];
  });
  expect(deviations.filter(([, deviation]) => !(deviation <= tolerance))).toEqual([]);
}

/**
 * The same for gradients. A shift before a convolution with batch norm changes nothing: its gradient is rounding noise
 * around zero, so no tensor is held to more than a hundredth of the largest gradient of all.
 */
export function expectCloseGradients(actual: Weights, expected: Weights, tolerance: number): void {
  const largest = [...expected.values()]
    .flatMap(({ data }) => [...data])
    .reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expectCloseTensors(actual, expected, tolerance, largest / 100);
}
