/** By degrees of freedom from 1. */
const TWO_SIDED_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086,
];

/**
 * The bound that a t-distributed variable keeps within, either side, 95 % of the time.
 * @param degreesOfFreedom 1 or more; beyond the table by two terms of an expansion in its inverse, right to 0.1 %
 */
export function studentQuantile(degreesOfFreedom: number): number {
  return (
    TWO_SIDED_95[degreesOfFreedom - 1] ?? 1.96 + 2.372 / degreesOfFreedom + 2.823 / degreesOfFreedom ** 2
  );
}
