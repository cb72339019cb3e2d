import type { NetworkObservation } from './latency-table.js';
import { median } from './median.js';
import { studentQuantile } from './student-quantile.js';

/** How a sum of op latencies becomes the latency of a whole network: `latency ≈ scale · sum`. */
export interface Calibration {
  /** `none`: no whole network with all its ops known has been measured; the scale is 1 and the interval wide. */
  readonly kind: 'none' | 'scale';
  readonly scale: number;
  /** 95 % of whole networks are expected between `lowFactor · scale · sum` and `highFactor · scale · sum`. */
  readonly lowFactor: number;
  readonly highFactor: number;
  /** Standard deviation of single networks around the fit, as a share; null for fewer than two. */
  readonly relativeSpread: number | null;
  /** Networks behind the fit. */
  readonly networks: number;
}

/** Sums of ops in context ran from 3 % above to 39 % below the whole network, over runtimes and architectures. */
const UNCALIBRATED: Calibration = {
  kind: 'none',
  scale: 1,
  lowFactor: 0.85,
  highFactor: 1.65,
  relativeSpread: null,
  networks: 0,
};

/** Standard deviation of the scale between unlike architectures: stands in until two networks show their own. */
const PRIOR_SPREAD = 0.06;

/** Weight of {@link PRIOR_SPREAD}, in networks: a handful of lucky fits must not promise a narrow interval. */
const PRIOR_NETWORKS = 2;

/**
 * Fits one scale: the median ratio of measured latency to sum of ops over networks whose ops are all known. Several
 * measurements of one network count once, by their median.
 * @param observations whole networks on the same device and environment
 * @param sumNs the sum of op latencies, null when an op is missing
 */
export function calibrate(
  observations: readonly NetworkObservation[],
  sumNs: (opKeys: readonly string[]) => number | null,
): Calibration {
  const logRatios = [...ratiosByNetwork(observations, sumNs).values()].map((ratios) =>
    Math.log(median(ratios)),
  );
  const networks = logRatios.length;
  if (networks === 0) return UNCALIBRATED;
  const centre = median(logRatios);
  const squares = logRatios.reduce((sum, ratio) => sum + (ratio - centre) ** 2, 0);
  const spread = Math.sqrt(
    (squares + PRIOR_NETWORKS * PRIOR_SPREAD ** 2) / (Math.max(networks - 1, 0) + PRIOR_NETWORKS),
  );
  const reach = studentQuantile(networks - 1 + PRIOR_NETWORKS) * spread * Math.sqrt(1 + 1 / networks);
  return {
    kind: 'scale',
    scale: Math.exp(centre),
    lowFactor: Math.exp(-reach),
    highFactor: Math.exp(reach),
    relativeSpread: networks < 2 ? null : Math.sqrt(squares / (networks - 1)),
    networks,
  };
}

function ratiosByNetwork(
  observations: readonly NetworkObservation[],
  sumNs: (opKeys: readonly string[]) => number | null,
): ReadonlyMap<string, number[]> {
  const ratios = new Map<string, number[]>();
  for (const { networkHash, latencyNs, opKeys } of observations) {
    const sum = sumNs(opKeys);
    if (sum === null || !(sum > 0) || !(latencyNs > 0)) continue;
    ratios.set(networkHash, [...(ratios.get(networkHash) ?? []), latencyNs / sum]);
  }
  return ratios;
}
