import { median } from '../measurement/quantile.js';
import { studentQuantile } from '../measurement/student-quantile.js';
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
import type { TimingTarget } from './timing-target.js';

/** How what a table knows of a network's ops becomes the latency of the whole. */
export interface Calibration extends Omit<LatencyFit, 'memory'> {
  readonly target: TimingTarget;
  /** `none`: no whole network with all its ops known has been measured; the scale is 1 and the interval wide. */
  readonly kind: 'none' | 'scale' | 'scale-intercept';
  /** Null where nobody read the host's curve: the model is the sum of the ops then. */
  readonly memory: MemoryFactors | null;
  /**
   * 95 % of whole networks, each measured in one session, are expected between `lowFactor` and `highFactor` times their
   * estimate.
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
}

/** A whole network as measured, with what the table knows of it. */
export interface CalibrationPoint extends ModelPoint {
  readonly networkHash: string;
  /** Half width of the 95 % interval of its sum of ops, as a share. */
  readonly opSpread: number;
}

/** Sums of ops in context ran from 3 % above to 39 % below the whole network, over runtimes and architectures. */
const UNCALIBRATED = { lowFactor: 0.85, highFactor: 1.65 } as const;

/** Standard deviation between unlike architectures: stands in until networks show their own. */
const PRIOR_SPREAD = 0.06;

/** Weight of {@link PRIOR_SPREAD} beside one network, and the number of networks that need it no more. */
const PRIOR = { weight: 2, fadesAt: 8 } as const;

/**
 * When a second parameter is worth it: with so many networks, if it lowers the error on networks left out by this share.
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
    const unknown = { relativeSpread: null, resolution, opSpread: 0, networks: 0 };
    const memory = isPriced ? AS_READ : null;
    return { target, kind: 'none', scale: 1, interceptNs: 0, memory, ...UNCALIBRATED, ...unknown };
  }
  const { kind, fitter, rms } = chooseFit(networks);
  const { scale, interceptNs, memory } = fitter(networks);
  const prior = PRIOR.weight * Math.max(0, 1 - (count - 1) / (PRIOR.fadesAt - 1));
  const freedom = count - 1;
  const spread = Math.sqrt((freedom * rms ** 2 + prior * PRIOR_SPREAD ** 2) / (freedom + prior));
  // Errors of networks left out hold the fit's own uncertainty; the prior does not. And they hold no more of what sessions
  // differ by than the medians of several sessions do, while a network that is measured once has all of it.
  const expected = spread * Math.sqrt(1 + prior / 2 / count);
  const reach =
    studentQuantile(Math.max(1, Math.round(freedom + prior))) * Math.hypot(expected, beyondMedians(points));
  return {
    target,
    kind,
    scale,
    interceptNs,
    memory: isPriced ? memory : null,
    lowFactor: Math.exp(-reach),
    highFactor: Math.exp(reach),
    relativeSpread: count < 2 ? null : rms,
    resolution: Math.expm1(1.96 * Math.SQRT2 * spread),
    opSpread: median(networks.map(({ opSpread }) => opSpread)),
    networks: count,
  };
}

interface ChosenFit {
  readonly kind: 'scale' | 'scale-intercept';
  readonly fitter: Fit;
  /** Root mean square error of networks left out. */
  readonly rms: number;
}

function tried(kind: ChosenFit['kind'], fitter: Fit, networks: readonly ModelPoint[]): ChosenFit {
  const errors = errorsLeftOut(networks, fitter);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  return { kind, fitter, rms: Math.sqrt(squares / Math.max(1, errors.length)) };
}

function chooseFit(networks: readonly ModelPoint[]): ChosenFit {
  const scale = tried('scale', fitScale, networks);
  const rule = INTERCEPT_RULES.find((candidate) => networks.length >= candidate.networks);
  if (rule === undefined) return scale;
  const gain = span(networks) < INTERCEPT_SPAN.factor ? INTERCEPT_SPAN.gain : rule.gain;
  const withIntercept = tried('scale-intercept', fitScaleAndIntercept, networks);
  const carried = fitScaleAndIntercept(networks).interceptNs > 0;
  return carried && withIntercept.rms < (1 - gain) * scale.rms ? withIntercept : scale;
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

/**
 * What one session differs by from the next, as a share, as far as the networks' own figures do not show it: those that
 * were measured several times tell it, and their figures are medians. 0 where all were measured once.
 */
function beyondMedians(points: readonly CalibrationPoint[]): number {
  const networks = byNetwork(points);
  let squares = 0;
  let freedom = 0;
  let shown = 0;
  for (const same of networks) {
    const logs = same.map(({ latencyNs }) => Math.log(latencyNs));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    squares += logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
    freedom += logs.length - 1;
    shown += 1 / logs.length / networks.length;
  }
  return freedom === 0 ? 0 : Math.sqrt((squares / freedom) * (1 - shown));
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
