/** Two-sided 95 % points of Student's t by degrees of freedom, from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086,
] as const;

/**
 * Half-width of the 95 % interval of a mean.
 * @param values independent values, two or more
 * @see Student, "The probable error of a mean" (1908)
 */
export function meanHalfWidth(values: readonly number[]): number {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return (T_95[count - 2] ?? T_95.at(-1)!) * Math.sqrt(variance / count);
}
