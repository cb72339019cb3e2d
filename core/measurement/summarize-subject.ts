import { LutraError } from '../errors.js';
import { extremes } from './extremes.js';
import { meanHalfWidth } from './mean-half-width.js';
import { medianInterval } from './median-interval.js';
import { median } from './quantile.js';
import { summedCoefficients } from './summed-coefficients.js';
import { type ClassifiedVisit, type ProbeVisits, usedVisits } from './visit-values.js';

/** One graph's part in a subject's latency. */
export interface SubjectTerm {
  readonly graphId: string;
  readonly coefficient: number;
}

const UNRESOLVED_SHARE = 0.1;
const LEAST_NS = 1;

export interface SubjectSummary {
  readonly latencyNs: number;
  /** Bounds of the 95 % interval. */
  readonly lowNs: number;
  readonly highNs: number;
  /** Timed runs of all graphs of the subject. */
  readonly sampleCount: number;
  /** Visits to the graph that was visited least. */
  readonly visits: number;
  /** Of the graph that is known worst: width of its interval as a share of its median. */
  readonly precision: number;
  /** By process: the latency that it alone would give. Empty where one process made all visits. */
  readonly processesNs: readonly number[];
}

/**
 * Latency of a subject: Σ coefficient × median over visits of the minimum of each visit. Visits that were disturbed, by
 * their causes, are left out while five others remain. The interval of each median comes from order statistics; the
 * terms' half-widths, scaled by their coefficients, are added in quadrature, each side on its own. Where several
 * processes measured, the interval is no narrower than what their latencies spread over: each process has its own
 * memory layout, and visits within one know nothing of that.
 *
 * A difference of graphs can come out at or a little under zero for an op that takes less than graphs can be told
 * apart by. No op takes less than nothing, or than its arithmetic: bounds are cut at zero, and a difference that falls short
 * by less than {@link UNRESOLVED_SHARE} of its graphs is the least that the op can take. One that falls shorter, or of no
 * difference, is left as it is, for the caller to refuse.
 * @param terms graphs and their coefficients; a graph that is named twice counts with the sum of both
 * @param probes raw samples by graph id
 * @param leastNs that the subject can take, at the arithmetic peak
 * @throws LutraError `internal` when a term's graph was not sampled
 */
export function summarizeSubject(
  terms: readonly SubjectTerm[],
  probes: ReadonlyMap<string, ProbeVisits>,
  leastNs = LEAST_NS,
): SubjectSummary {
  let latencyNs = 0;
  let positiveNs = 0;
  let belowSquared = 0;
  let aboveSquared = 0;
  let sampleCount = 0;
  let precision = 0;
  let visits = Number.POSITIVE_INFINITY;
  const byTerm: { readonly coefficient: number; readonly values: readonly ClassifiedVisit[] }[] = [];
  // In the order of their ids, so that the sum is the same to the last digit whatever order they came in.
  const byGraph = [...summedCoefficients(terms)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [graphId, coefficient] of byGraph) {
    const probe = probes.get(graphId);
    if (probe === undefined || probe.visitsNs.length === 0)
      throw new LutraError('internal', `no samples of graph ${graphId}`);
    const values = usedVisits(probe);
    const { median: middle, low, high } = medianInterval(values.map(({ minimumNs }) => minimumNs));
    byTerm.push({ coefficient, values });
    latencyNs += coefficient * middle;
    positiveNs += Math.max(coefficient, 0) * middle;
    const below = coefficient > 0 ? middle - low : high - middle;
    const above = coefficient > 0 ? high - middle : middle - low;
    belowSquared += (coefficient * below) ** 2;
    aboveSquared += (coefficient * above) ** 2;
    precision = Math.max(precision, (high - low) / middle);
    for (const samples of probe.visitsNs) sampleCount += samples.length;
    visits = Math.min(visits, probe.visitsNs.length);
  }
  const processesNs = latencyByProcess(byTerm);
  const between = processesNs.length < 2 ? 0 : meanHalfWidth(processesNs);
  const lowNs = latencyNs - Math.max(Math.sqrt(belowSquared), between);
  const highNs = latencyNs + Math.max(Math.sqrt(aboveSquared), between);
  return {
    ...resolved(
      { latencyNs, lowNs, highNs },
      byGraph.some(([, coefficient]) => coefficient < 0) ? positiveNs : 0,
      Math.max(LEAST_NS, leastNs),
    ),
    sampleCount,
    visits: Number.isFinite(visits) ? visits : 0,
    precision,
    processesNs,
  };
}

/** A process that has no value of some graph says nothing of their sum. */
function latencyByProcess(
  terms: readonly { readonly coefficient: number; readonly values: readonly ClassifiedVisit[] }[],
): readonly number[] {
  const numbers = terms.flatMap(({ values }) => values.map(({ process }) => process));
  const processes = Math.max(0, extremes(numbers).most) + 1;
  if (processes === 1) return [];
  return Array.from({ length: processes }, (_, process) => {
    let latencyNs = 0;
    for (const { coefficient, values } of terms) {
      const own = values.filter((value) => value.process === process).map(({ minimumNs }) => minimumNs);
      if (own.length === 0) return null;
      latencyNs += coefficient * median(own);
    }
    return latencyNs;
  }).filter((latencyNs) => latencyNs !== null);
}

type Bounds = Pick<SubjectSummary, 'latencyNs' | 'lowNs' | 'highNs'>;

/** @param graphsNs what was subtracted from; 0 where nothing was */
function resolved({ latencyNs, lowNs, highNs }: Bounds, graphsNs: number, leastNs: number): Bounds {
  if (latencyNs >= leastNs || leastNs - latencyNs >= UNRESOLVED_SHARE * graphsNs)
    return { latencyNs, lowNs: latencyNs > 0 ? Math.max(0, lowNs) : lowNs, highNs };
  return { latencyNs: leastNs, lowNs: 0, highNs: Math.max(leastNs, highNs) };
}
