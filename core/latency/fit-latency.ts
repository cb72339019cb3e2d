import { median } from '../measurement/quantile.js';
import { leastSquares } from './least-squares.js';

/** A whole network: what the model makes of its ops, and what it took. */
export interface ModelPoint {
  /** The sum of its op latencies. */
  readonly opNs: number;
  /** What its memory costs besides, by the host's curve. */
  readonly memory: MemoryCost;
  readonly latencyNs: number;
}

/** What memory costs a network beyond what its ops, timed alone, have paid: nanoseconds. */
export interface MemoryCost {
  /** Weights that an inference uses once, kernels' code: nothing is computed while they arrive. */
  readonly onceNs: number;
  /** Weights of convolutions, and maps: they arrive, or leave, while ops compute. */
  readonly streamedNs: number;
  /** What of both lies beyond the host's caches. */
  readonly beyondNs: number;
}

/** How often costs of memory count. */
export interface MemoryFactors {
  readonly once: number;
  readonly streamed: number;
  /** What lies beyond the caches counts so many times more, or less where it is below 0. */
  readonly beyond: number;
}

/** `latency = scale · (ops + once · onceNs + streamed · streamedNs + beyond · beyondNs) + intercept`. */
export interface LatencyFit {
  readonly scale: number;
  readonly interceptNs: number;
  readonly memory: MemoryFactors;
}

export type Fit = (points: readonly ModelPoint[]) => LatencyFit;

/** By the host's curve. */
export const AS_READ: MemoryFactors = { once: 1, streamed: 1, beyond: 0 };

/**
 * What is known before any network was measured. A host's curve prices memory to about a third: that is what networks of
 * several hosts, and of one host in several hours, say of it. A right model is some percent off a network.
 */
const PRIOR = { factorSpread: 0.3, error: 0.02, worth: 4 } as const;

/** Degrees of freedom of the errors: at four, a network that is ten times the usual error off counts a twentieth. */
const TAILS = 4;
const ROUNDS = 20;

/** What ops and memory come to before scale and intercept, nanoseconds. */
export function modelNs(
  opNs: number,
  { onceNs, streamedNs, beyondNs }: MemoryCost,
  { once, streamed, beyond }: MemoryFactors,
): number {
  return opNs + once * onceNs + streamed * streamedNs + beyond * beyondNs;
}

/** The latency that a fit gives a network, nanoseconds. */
function predictNs({ opNs, memory }: Omit<ModelPoint, 'latencyNs'>, fit: LatencyFit): number {
  return fit.scale * modelNs(opNs, memory, fit.memory) + fit.interceptNs;
}

/** A scale, and how often memory counts: nothing else lies between a model and networks. */
export const fitScale: Fit = (points) => fitted(points, false);

/** The same with an intercept; without it where the line would begin below zero or fall. */
export const fitScaleAndIntercept: Fit = (points) => {
  const fit = fitted(points, true);
  return fit.scale > 0 && fit.interceptNs >= 0 ? fit : fitScale(points);
};

/** Fits that errors are found by, at most: a table of a thousand networks is calibrated anew after every session. */
const MOST_FITS = 25;

/**
 * Logarithmic errors of points, each by a fit that it had no part in: of up to {@link MOST_FITS} points each is left out on
 * its own, of more every 25th with it. None for a single point.
 */
export function errorsLeftOut(points: readonly ModelPoint[], fitter: Fit): readonly number[] {
  if (points.length < 2) return [];
  const fits = Array.from({ length: Math.min(MOST_FITS, points.length) }, (_, group) =>
    fitter(points.filter((_, i) => i % MOST_FITS !== group)),
  );
  return points.map((point, i) => Math.log(point.latencyNs / predictNs(point, fits[i % MOST_FITS]!)));
}

/**
 * The most probable fit: relative errors are Student-distributed, so that one outlier hardly moves it, and how often
 * memory counts is normal around what the host's curve says. Any scale and any intercept are as probable as others.
 *
 * With u = the model as read, v = onceNs, w = streamedNs, x = beyondNs and z = 1, all divided by the latency, each round takes
 * the least squares of s·u + a·v + b·w + c·x + i·z = 1 over all points, with weights, and of a = b = c = 0, and then weights
 * and the usual error anew.
 * @param points one or more, all latencies and sums of ops above 0
 * @returns not finite where an intercept cannot be told from the scale
 * @see Lange, Little & Taylor, "Robust statistical modeling using the t distribution", JASA 84 (1989)
 */
function fitted(points: readonly ModelPoint[], withIntercept: boolean): LatencyFit {
  const rows = points.map(({ opNs, memory, latencyNs }) => {
    const asRead = modelNs(opNs, memory, AS_READ);
    const row = [asRead, memory.onceNs, memory.streamedNs, memory.beyondNs, ...(withIntercept ? [1] : [])];
    return row.map((value) => value / latencyNs);
  });
  const usualScale = 1 / median(rows.map(([asRead]) => asRead!));
  let solution: readonly number[] = [];
  let weights = rows.map(() => 1);
  let variance = PRIOR.error ** 2;
  for (let round = 0; round < ROUNDS; round++) {
    const penalty = variance / (PRIOR.factorSpread * usualScale) ** 2;
    solution = leastSquares(rows, weights, [0, penalty, penalty, penalty, ...(withIntercept ? [0] : [])]);
    const squares = rows.map((row) => (dot(row, solution) - 1) ** 2);
    variance = (dot(weights, squares) + PRIOR.worth * PRIOR.error ** 2) / (points.length + PRIOR.worth);
    weights = squares.map((square) => (TAILS + 1) / (TAILS + square / variance));
  }
  const [scale, ...changes] = solution as readonly [number, number, number, number, number?];
  const [onceChange, streamedChange, beyondChange, interceptNs = 0] = changes;
  const once = Math.max(0, AS_READ.once + onceChange / scale);
  const streamed = Math.max(0, AS_READ.streamed + streamedChange / scale);
  // Nothing that memory costs becomes a gain.
  const beyond = Math.max(-Math.min(once, streamed), AS_READ.beyond + beyondChange / scale);
  return { scale, interceptNs, memory: { once, streamed, beyond } };
}

function dot(row: readonly number[], other: readonly number[]): number {
  return row.reduce((sum, value, i) => sum + value * other[i]!, 0);
}
