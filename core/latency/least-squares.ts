/**
 * The x that minimises Σ weight · (row · x − 1)² + Σ penalty · x².
 * @param rows features of each case, `[case][feature]`
 * @param weights of the cases
 * @param penalties of the features; above 0 where a feature is zero everywhere or in step with others
 * @returns by feature; not finite where features cannot be told apart
 */
export function leastSquares(
  rows: readonly (readonly number[])[],
  weights: readonly number[],
  penalties: readonly number[],
): readonly number[] {
  const width = rows[0]!.length;
  const matrix = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width + 1 }, (_, j) => (i === j ? penalties[i]! : 0)),
  );
  rows.forEach((row, r) => {
    for (let i = 0; i < width; i++) {
      const weighted = weights[r]! * row[i]!;
      for (let j = 0; j < width; j++) matrix[i]![j]! += weighted * row[j]!;
      matrix[i]![width]! += weighted;
    }
  });
  eliminate(matrix);
  return matrix.map((row, i) => row[width]! / row[i]!);
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
