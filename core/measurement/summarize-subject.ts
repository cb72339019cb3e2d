import { LutraError } from '../errors.js';
import { medianInterval } from './median-interval.js';
import { type ProbeVisits, visitValues } from './visit-values.js';

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
}

/**
 * Latency of a subject: Σ coefficient × median over visits of the minimum of each visit. Visits that waited for the
 * core for more than a fifth of their time are left out while five others remain. The interval of each median comes
 * from order statistics; the terms' half-widths, scaled by their coefficients, are added in quadrature, each side on
 * its own.
 *
 * A difference of graphs can come out at or a little under zero for an op that takes less than graphs can be told
 * apart by. No op takes less than nothing: bounds are cut at zero, and a difference that falls short by less than
 * {@link UNRESOLVED_SHARE} of its graphs is the least duration there is, 1 ns. One that falls shorter is left as it is,
 * for the caller to refuse.
 * @param terms graphs and their coefficients; a graph that is named twice counts with the sum of both
 * @param probes raw samples by graph id
 * @throws LutraError `internal` when a term's graph was not sampled
 */
export function summarizeSubject(
  terms: readonly SubjectTerm[],
  probes: ReadonlyMap<string, ProbeVisits>,
): SubjectSummary {
  let latencyNs = 0;
  let positiveNs = 0;
  let belowSquared = 0;
  let aboveSquared = 0;
  let sampleCount = 0;
  let visits = Number.POSITIVE_INFINITY;
  for (const [graphId, coefficient] of mergeTerms(terms)) {
    const probe = probes.get(graphId);
    if (probe === undefined || probe.visitsNs.length === 0)
      throw new LutraError('internal', `no samples of graph ${graphId}`);
    const { median, low, high } = medianInterval(visitValues(probe));
    latencyNs += coefficient * median;
    positiveNs += Math.max(coefficient, 0) * median;
    const below = coefficient > 0 ? median - low : high - median;
    const above = coefficient > 0 ? high - median : median - low;
    belowSquared += (coefficient * below) ** 2;
    aboveSquared += (coefficient * above) ** 2;
    for (const samples of probe.visitsNs) sampleCount += samples.length;
    visits = Math.min(visits, probe.visitsNs.length);
  }
  const lowNs = latencyNs - Math.sqrt(belowSquared);
  const highNs = latencyNs + Math.sqrt(aboveSquared);
  return {
    ...notBelowZero({ latencyNs, lowNs, highNs }, positiveNs),
    sampleCount,
    visits: Number.isFinite(visits) ? visits : 0,
  };
}

type Bounds = Pick<SubjectSummary, 'latencyNs' | 'lowNs' | 'highNs'>;

/** @param graphNs what the latency was subtracted from */
function notBelowZero({ latencyNs, lowNs, highNs }: Bounds, graphNs: number): Bounds {
  if (latencyNs > 0) return { latencyNs, lowNs: Math.max(0, lowNs), highNs };
  if (-latencyNs >= UNRESOLVED_SHARE * graphNs) return { latencyNs, lowNs, highNs };
  return { latencyNs: LEAST_NS, lowNs: 0, highNs: Math.max(LEAST_NS, highNs) };
}

function mergeTerms(terms: readonly SubjectTerm[]): ReadonlyMap<string, number> {
  const merged = new Map<string, number>();
  for (const { graphId, coefficient } of terms) merged.set(graphId, (merged.get(graphId) ?? 0) + coefficient);
  return merged;
}
