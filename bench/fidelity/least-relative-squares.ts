import { leastSquares } from '../../core/latency/least-squares.js';

/** Keeps features in step from doing harm. */
const RIDGE = 1e-9;

/**
 * Weights of a sum of features, by least squares of relative errors.
 * @param rows features of each case, `[case][feature]`
 * @param values what the cases came to, above 0
 * @returns by feature
 */
export function leastRelativeSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): readonly number[] {
  const scales = rows[0]!.map((_, i) => Math.max(...rows.map((row) => Math.abs(row[i]!)), 1e-9));
  // All values in units of their mean, or the ridge would outweigh them.
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const relative = rows.map((row, r) => row.map((value, i) => (value / scales[i]!) * (mean / values[r]!)));
  const even = rows.map(() => 1);
  const weights = leastSquares(
    relative,
    even,
    scales.map(() => RIDGE),
  );
  return weights.map((weight, i) => (mean * weight) / scales[i]!);
}
