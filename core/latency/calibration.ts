import { median } from '../measurement/quantile.js';
import {
  AS_READ,
  errorsLeftOut,
  type Fit,
  fitScale,
  fitScaleAndIntercept,
  type LatencyFit,
  type MemoryFactors,
  type ModelPoint,
  modelNs,
} from './fit-latency.js';
import { type NetworkError, networkSpread } from './network-spread.js';
import type { TimingTarget } from './timing-target.js';

/** How what a table knows of a network's ops becomes the latency of the whole. */
export interface Calibration extends Omit<LatencyFit, 'memory'> {
  readonly target: TimingTarget;
  /** `none`: no whole network with all its ops known has been measured; the scale is 1 and the interval wide. */
  readonly kind: 'none' | 'scale' | 'scale-intercept';
  /** Null where nobody read the host's curve: the model is the sum of the ops then. */
  readonly memory: MemoryFactors | null;
  /**
   * 95 % of whole networks of all sizes, each measured in one session, are expected between `lowFactor` and `highFactor`
   * times their estimate; of one size: {@link intervalFactors}.
   */
  readonly lowFactor: number;
  readonly highFactor: number;
  /** Standard error of networks by fits that they had no part in, as a share; null for fewer than two. */
  readonly relativeSpread: number | null;
  /** The least relative difference of two estimates that tells their networks apart, 95 times of 100. */
  readonly resolution: number;
  /** Half width of the 95 % interval of a sum of ops, as a share, that the spread holds already. */
  readonly opSpread: number;
  /** Networks behind the fit. */
  readonly networks: number;
  /** Of each of these. */
  readonly errors: readonly NetworkError[];
}

/** A whole network as measured, with what the table knows of it. */
export interface CalibrationPoint extends ModelPoint {
  readonly networkHash: string;
  /** Half width of the 95 % interval of its sum of ops, as a share. */
  readonly opSpread: number;
}

/** Sums of ops in context ran from 3 % above to 39 % below the whole network, over runtimes and architectures. */
const UNCALIBRATED = { lowFactor: 0.85, highFactor: 1.65 } as const;

/**
 * When an intercept is worth it: with so many networks, if it lowers the error on networks left out by this share.
 * On fewer, only an overhead that nobody can miss.
 */
const INTERCEPT_RULES = [
  { networks: 8, gain: 0.1 },
  { networks: 5, gain: 0.5 },
] as const;

/**
 * The largest network over the smallest. Of fewer a line begins farther from its points than they are from one another, and
 * again nobody may miss the overhead.
 */
const INTERCEPT_SPAN = { factor: 2, gain: 0.5 } as const;

/**
 * Fits what turns ops and memory into the latency of whole networks: a scale, how often memory counts, and an intercept
 * where the data carry it. Each network counts once, by the median of its measurements.
 * @param points whole networks measured for one target
 * @param isPriced whether the host's curve prices their memory
 */
export function calibrate(
  target: TimingTarget,
  points: readonly CalibrationPoint[],
  isPriced: boolean,
): Calibration {
  const networks = onePerNetwork(points);
  const count = networks.length;
  if (count === 0) {
    const resolution = UNCALIBRATED.highFactor - UNCALIBRATED.lowFactor;
    const unknown = { relativeSpread: null, resolution, opSpread: 0, networks: 0, errors: [] };
    const memory = isPriced ? AS_READ : null;
    return { target, kind: 'none', scale: 1, interceptNs: 0, memory, ...UNCALIBRATED, ...unknown };
  }
  const { kind, fitter, errors } = chooseFit(networks);
  const { scale, interceptNs, memory } = fitter(networks);
  const networkErrors = errorsWithSessions(points, errors);
  const { deviation, reach } = networkSpread(networkErrors);
  return {
    target,
    kind,
    scale,
    interceptNs,
    memory: isPriced ? memory : null,
    lowFactor: Math.exp(-reach),
    highFactor: Math.exp(reach),
    relativeSpread: count < 2 ? null : rootMeanSquare(errors),
    resolution: Math.expm1(1.96 * Math.SQRT2 * deviation),
    opSpread: median(networks.map(({ opSpread }) => opSpread)),
    networks: count,
    errors: networkErrors,
  };
}

/**
 * Between which multiples of its estimate 95 % of networks of this size are expected, each measured in one session.
 * @param latencyNs the estimate
 */
export function intervalFactors(
  calibration: Calibration,
  latencyNs: number,
): Pick<Calibration, 'lowFactor' | 'highFactor'> {
  if (calibration.errors.length === 0) return calibration;
  const { reach } = networkSpread(calibration.errors, latencyNs);
  return { lowFactor: Math.exp(-reach), highFactor: Math.exp(reach) };
}

interface ChosenFit {
  readonly kind: 'scale' | 'scale-intercept';
  readonly fitter: Fit;
  /** Of networks left out, in logarithms; none for a single one. */
  readonly errors: readonly number[];
}

function tried(kind: ChosenFit['kind'], fitter: Fit, networks: readonly ModelPoint[]): ChosenFit {
  return { kind, fitter, errors: errorsLeftOut(networks, fitter) };
}

function chooseFit(networks: readonly ModelPoint[]): ChosenFit {
  const scale = tried('scale', fitScale, networks);
  const rule = INTERCEPT_RULES.find((candidate) => networks.length >= candidate.networks);
  if (rule === undefined) return scale;
  const gain = span(networks) < INTERCEPT_SPAN.factor ? INTERCEPT_SPAN.gain : rule.gain;
  const withIntercept = tried('scale-intercept', fitScaleAndIntercept, networks);
  const carried = fitScaleAndIntercept(networks).interceptNs > 0;
  const isCloser = rootMeanSquare(withIntercept.errors) < (1 - gain) * rootMeanSquare(scale.errors);
  return carried && isCloser ? withIntercept : scale;
}

function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / Math.max(1, errors.length));
}

function span(networks: readonly ModelPoint[]): number {
  const models = networks.map(({ opNs, memory }) => modelNs(opNs, memory, AS_READ));
  return Math.max(...models) / Math.min(...models);
}

function onePerNetwork(points: readonly CalibrationPoint[]): readonly CalibrationPoint[] {
  return byNetwork(points).map((same) => ({
    ...same[0]!,
    latencyNs: median(same.map(({ latencyNs }) => latencyNs)),
  }));
}

/** @param errors of networks left out, in the order of {@link byNetwork} */
function errorsWithSessions(
  points: readonly CalibrationPoint[],
  errors: readonly number[],
): readonly NetworkError[] {
  return byNetwork(points).map((same, i) => {
    const logs = same.map(({ latencyNs }) => Math.log(latencyNs));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return {
      latencyNs: median(same.map(({ latencyNs }) => latencyNs)),
      error: errors[i] ?? 0,
      sessions: logs.length,
      sessionSquares: logs.reduce((sum, log) => sum + (log - mean) ** 2, 0),
    };
  });
}

function byNetwork(points: readonly CalibrationPoint[]): readonly (readonly CalibrationPoint[])[] {
  const measured = new Map<string, CalibrationPoint[]>();
  for (const point of points) {
    if (!(point.opNs > 0) || !(point.latencyNs > 0)) continue;
    const known = measured.get(point.networkHash);
    if (known === undefined) measured.set(point.networkHash, [point]);
    else known.push(point);
  }
  return [...measured.values()];
}
