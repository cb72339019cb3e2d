import { studentQuantile } from '../measurement/student-quantile.js';

/** How far a calibrating network is from its estimate, and its sessions from one another. */
export interface NetworkError {
  /** The median over its sessions. */
  readonly latencyNs: number;
  /** Logarithm of measured over estimated, by a fit that it had no part in; 0 where there is no other network. */
  readonly error: number;
  readonly sessions: number;
  /** Sum of squared deviations of its sessions' logarithms from their mean. */
  readonly sessionSquares: number;
}

export interface NetworkSpread {
  /** Standard deviation of networks around their estimates, in logarithms. */
  readonly deviation: number;
  /** Half width of the 95 % interval of a network that is measured in one session, in logarithms. */
  readonly reach: number;
}

/** Standard deviation between unlike architectures: stands in until networks show their own. */
const PRIOR_DEVIATION = 0.06;

/** Weight of {@link PRIOR_DEVIATION} beside one network, and the number of networks that need it no more. */
const PRIOR = { weight: 2, fadesAt: 8 } as const;

/** Networks of half or twice the size tell 0.6 of what one of the same size does, of a tenth or ten times next to nothing. */
const ALIKE_LOG = Math.LN2;
/** Of networks of any other size: where none is alike, all count the same. */
const LEAST_WEIGHT = 0.02;

/**
 * How far networks of a size are from their estimates, by those that calibrate, of which those of a like size count most: on
 * a host whose caches strangers use, small networks vary by a percent and large ones by six.
 * @param errors of one network or more
 * @param latencyNs the size; without it, of all sizes together
 */
export function networkSpread(errors: readonly NetworkError[], latencyNs?: number): NetworkSpread {
  const weights = errors.map((known) =>
    latencyNs === undefined ? 1 : likeness(latencyNs / known.latencyNs),
  );
  const count = errors.length;
  // As many networks of equal weight would tell as much.
  const effective = sum(weights) ** 2 / sum(weights.map((weight) => weight ** 2));
  const freedom = (effective * (count - 1)) / count;
  const prior = PRIOR.weight * Math.max(0, 1 - (count - 1) / (PRIOR.fadesAt - 1));
  const variance = weightedMean(errors, weights, ({ error }) => error ** 2);
  const deviation = Math.sqrt((freedom * variance + prior * PRIOR_DEVIATION ** 2) / (freedom + prior));
  // Errors of networks left out hold the fit's own uncertainty; the prior does not. And they hold no more of what sessions
  // differ by than the medians of several sessions do, while a network that is measured once has all of it.
  const expected = deviation * Math.sqrt(1 + prior / 2 / count);
  const quantile = studentQuantile(Math.max(1, Math.round(freedom + prior)));
  return { deviation, reach: quantile * Math.hypot(expected, beyondMedians(errors, weights)) };
}

function likeness(ratio: number): number {
  return Math.max(LEAST_WEIGHT, Math.exp(-0.5 * (Math.log(ratio) / ALIKE_LOG) ** 2));
}

/**
 * What one session differs by from the next, as far as the networks' own figures do not show it: those that were measured
 * several times tell it, and their figures are medians. 0 where all were measured once.
 */
function beyondMedians(errors: readonly NetworkError[], weights: readonly number[]): number {
  const squares = weightedMean(errors, weights, ({ sessionSquares }) => sessionSquares);
  const further = weightedMean(errors, weights, ({ sessions }) => sessions - 1);
  const shown = weightedMean(errors, weights, ({ sessions }) => 1 / sessions);
  return further === 0 ? 0 : Math.sqrt((squares / further) * (1 - shown));
}

function weightedMean(
  errors: readonly NetworkError[],
  weights: readonly number[],
  value: (error: NetworkError) => number,
): number {
  return sum(errors.map((error, i) => weights[i]! * value(error))) / sum(weights);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
