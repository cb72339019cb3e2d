import { studentQuantile } from './student-quantile.js';

/**
 * Half-width of the 95 % interval of a mean.
 * @param values independent values, two or more
 * @see Student, "The probable error of a mean" (1908)
 */
export function meanHalfWidth(values: readonly number[]): number {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return studentQuantile(count - 1) * Math.sqrt(variance / count);
}
