/**
 * Weights of a sum of features, by least squares of relative errors, with a little ridge so that features in step do no
 * harm.
 * @param rows features of each case, `[case][feature]`
 * @param values what the cases came to, above 0
 * @returns by feature
 */
export function leastRelativeSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): readonly number[] {
  const width = rows[0]!.length;
  const scales = Array.from({ length: width }, (_, i) =>
    Math.max(...rows.map((row) => Math.abs(row[i]!)), 1e-9),
  );
  // All values in units of their mean, or the ridge would outweigh them.
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const matrix = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width + 1 }, (_, j) => (i === j ? 1e-9 : 0)),
  );
  rows.forEach((row, r) => {
    const scaled = row.map((value, i) => (value / scales[i]!) * (mean / values[r]!));
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) matrix[i]![j]! += scaled[i]! * scaled[j]!;
      matrix[i]![width]! += scaled[i]!;
    }
  });
  eliminate(matrix);
  return matrix.map((row, i) => (mean * row[width]!) / row[i]! / scales[i]!);
}

/** Gauss and Jordan, on a positive definite matrix with one right side. */
function eliminate(matrix: number[][]): void {
  const width = matrix.length;
  for (let i = 0; i < width; i++) {
    const pivot = matrix[i]!;
    for (let r = 0; r < width; r++) {
      if (r === i) continue;
      const factor = matrix[r]![i]! / pivot[i]!;
      for (let c = i; c <= width; c++) matrix[r]![c]! -= factor * pivot[c]!;
    }
  }
}
