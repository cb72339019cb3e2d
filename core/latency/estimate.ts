import type { Network } from '../network/network.js';
import { fuse } from '../ops/fuse.js';
import type { LatencyTable, TableEntry } from './latency-table.js';

export interface EstimateInterval {
  readonly lowMs: number;
  readonly highMs: number;
  /** Share of networks that are expected within. */
  readonly level: number;
}

/** One op of an estimate; equal ops are one row. */
export interface OpEstimate {
  readonly key: string;
  /** Occurrences in the network. */
  readonly count: number;
  /** Of all occurrences together, calibrated; null when the table lacks the op. */
  readonly latencyMs: number | null;
  /** Share of the known latency; null when the table lacks the op. */
  readonly share: number | null;
  readonly source: TableEntry['source'] | null;
}

export interface Estimate {
  /** Null when an op is missing: an unknown is never counted as nothing. */
  readonly latencyMs: number | null;
  readonly interval: EstimateInterval | null;
  /** What the known ops come to, calibrated; null when none is known. Equals `latencyMs` when none is missing. */
  readonly partialMs: number | null;
  /** Share of op occurrences that the table knows, 0 to 1. */
  readonly coverage: number;
  /** Keys that the table lacks, each once. */
  readonly missing: readonly string[];
  /** In order of first occurrence. */
  readonly ops: readonly OpEstimate[];
}

const LEVEL = 0.95;
const NS_PER_MS = 1e6;

/**
 * Latency of a network from its ops: the calibrated sum, with the spread of calibration and of the ops themselves.
 * @param keys one for each occurrence, at least one
 */
export function estimateOps(table: LatencyTable, keys: readonly string[]): Estimate {
  const { scale } = table.calibration;
  const counts = countKeys(keys);
  const missing: string[] = [];
  let knownOps = 0;
  let sumNs = 0;
  for (const [key, count] of counts) {
    const entry = table.get(key);
    if (entry === undefined) {
      missing.push(key);
      continue;
    }
    knownOps += count;
    sumNs += count * entry.latencyNs;
  }
  const partialMs = knownOps === 0 ? null : (scale * sumNs) / NS_PER_MS;
  const complete = missing.length === 0 && partialMs !== null;
  return {
    latencyMs: complete ? partialMs : null,
    interval: complete ? intervalOf(table, counts, sumNs) : null,
    partialMs,
    coverage: keys.length === 0 ? 0 : knownOps / keys.length,
    missing,
    ops: [...counts].map(([key, count]) => opEstimate(table, key, count, sumNs)),
  };
}

/**
 * The same for a network, fused into the ops that the device executes.
 * @throws LutraError `invalid-network`
 */
export function estimateNetwork(table: LatencyTable, network: Network): Estimate {
  return estimateOps(
    table,
    fuse(network, table.dtype).map(({ key }) => key),
  );
}

function countKeys(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function opEstimate(table: LatencyTable, key: string, count: number, sumNs: number): OpEstimate {
  const entry = table.get(key);
  if (entry === undefined) return { key, count, latencyMs: null, share: null, source: null };
  const latencyNs = count * entry.latencyNs;
  return {
    key,
    count,
    latencyMs: (table.calibration.scale * latencyNs) / NS_PER_MS,
    share: latencyNs / sumNs,
    source: entry.source,
  };
}

/** Errors of different ops are independent, of one op's occurrences the same; both add to calibration in quadrature. */
function intervalOf(
  table: LatencyTable,
  counts: ReadonlyMap<string, number>,
  sumNs: number,
): EstimateInterval {
  const { scale, lowFactor, highFactor } = table.calibration;
  let below = 0;
  let above = 0;
  for (const [key, count] of counts) {
    const { latencyNs, lowNs, highNs } = table.get(key)!;
    below += (count * (latencyNs - lowNs)) ** 2;
    above += (count * (highNs - latencyNs)) ** 2;
  }
  const latencyMs = (scale * sumNs) / NS_PER_MS;
  const low = Math.hypot(1 - lowFactor, Math.sqrt(below) / sumNs);
  const high = Math.hypot(highFactor - 1, Math.sqrt(above) / sumNs);
  return { lowMs: latencyMs * Math.max(0, 1 - low), highMs: latencyMs * (1 + high), level: LEVEL };
}
