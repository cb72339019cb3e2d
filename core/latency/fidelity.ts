/** An estimate beside what was measured; any one unit. */
export interface EstimatePair {
  readonly estimate: number;
  readonly measured: number;
}

/** How well estimates meet measurements that did not feed them. */
export interface Fidelity {
  readonly networks: number;
  /** Mean of |estimate − measured| / measured. */
  readonly meanAbsoluteError: number;
  readonly maxAbsoluteError: number;
  /** Shares of pairs with an error of at most 5 and 10 %. */
  readonly within5Percent: number;
  readonly within10Percent: number;
  /** Rank agreement (Kendall's tau-b), −1 to 1; null when either side has no two different values. */
  readonly kendallTau: number | null;
}

/**
 * @param pairs of networks held out from calibration, measured above 0
 * @returns null for no pairs
 */
export function fidelityOf(pairs: readonly EstimatePair[]): Fidelity | null {
  if (pairs.length === 0) return null;
  const errors = pairs.map(({ estimate, measured }) => Math.abs(estimate - measured) / measured);
  const shareWithin = (limit: number): number =>
    errors.filter((error) => error <= limit).length / errors.length;
  return {
    networks: pairs.length,
    meanAbsoluteError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    maxAbsoluteError: Math.max(...errors),
    within5Percent: shareWithin(0.05),
    within10Percent: shareWithin(0.1),
    kendallTau: kendallTau(pairs),
  };
}

/**
 * Kendall's tau-b: (concordant − discordant) / √((all − tied estimates)(all − tied measurements)).
 * @see Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945)
 */
function kendallTau(pairs: readonly EstimatePair[]): number | null {
  let balance = 0;
  let untiedEstimates = 0;
  let untiedMeasured = 0;
  for (let i = 0; i < pairs.length; i++) {
    for (let j = 0; j < i; j++) {
      const byEstimate = Math.sign(pairs[i]!.estimate - pairs[j]!.estimate);
      const byMeasured = Math.sign(pairs[i]!.measured - pairs[j]!.measured);
      balance += byEstimate * byMeasured;
      untiedEstimates += Math.abs(byEstimate);
      untiedMeasured += Math.abs(byMeasured);
    }
  }
  if (untiedEstimates === 0 || untiedMeasured === 0) return null;
  return balance / Math.sqrt(untiedEstimates * untiedMeasured);
}
