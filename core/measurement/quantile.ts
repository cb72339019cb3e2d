/**
 * Sample quantile, linear between neighbouring order statistics (R's type 7).
 * @param values any order, one or more
 * @param share 0 = minimum, 0.5 = median, 1 = maximum
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('the quantile of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
}

/** Middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
