import type { Network } from '../network/network.js';
import { fuse } from '../ops/fuse.js';
import { type Calibration, intervalFactors } from './calibration.js';
import type { LatencyTable, TableEntry } from './latency-table.js';
import { addSums, type NetworkSums, NO_SUMS } from './network-sums.js';
import { type OpCount, opsSpread } from './op-count.js';
import type { TimingTarget } from './timing-target.js';

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
  /** Of all occurrences together, calibrated, with what their memory costs; null when the table lacks the op. */
  readonly latencyMs: number | null;
  /** Share of what the known ops come to; null when the table lacks the op. */
  readonly share: number | null;
  readonly source: TableEntry['source'] | null;
}

export interface Estimate {
  readonly target: TimingTarget;
  /** Null when an op is missing: an unknown is never counted as nothing. */
  readonly latencyMs: number | null;
  readonly interval: EstimateInterval | null;
  /** What the known ops come to, calibrated; null when none is known. Equals `latencyMs` when none is missing. */
  readonly partialMs: number | null;
  /** Share of op occurrences that were measured, 0 to 1. */
  readonly coverage: number;
  /** Share of op occurrences that measured neighbours stand for: snapped or interpolated. */
  readonly derived: number;
  /** Keys that the table can say nothing of, each once. */
  readonly missing: readonly string[];
  /** In order of first occurrence. */
  readonly ops: readonly OpEstimate[];
}

const LEVEL = 0.95;
const NS_PER_MS = 1e6;

/**
 * Latency of a network from its ops: what they and their memory cost, calibrated, with the spread of the calibration and
 * that of the ops as far as it goes beyond what the calibration's networks had.
 * @param keys one for each occurrence, at least one
 */
export function estimateOps(
  table: LatencyTable,
  keys: readonly string[],
  target: TimingTarget = 'steady',
): Estimate {
  const counts = countKeys(keys);
  const known: OpCount[] = [];
  const missing: string[] = [];
  let sums = NO_SUMS;
  const occurrences = { measured: 0, derived: 0 };
  for (const [key, count] of counts) {
    const entry = table.find(key);
    if (entry === undefined) {
      missing.push(key);
      continue;
    }
    known.push({ entry, count });
    occurrences[entry.source === 'measured' ? 'measured' : 'derived'] += count;
    sums = addSums(sums, { opNs: entry.latencyNs, ...table.memoryOf(key) }, count);
  }
  const partialMs = known.length === 0 ? null : table.latencyNs(sums, target) / NS_PER_MS;
  const latencyMs = missing.length === 0 ? partialMs : null;
  return {
    target,
    latencyMs,
    interval:
      latencyMs === null ? null : intervalOf(latencyMs, table.calibrationOf(target), known, sums.opNs),
    partialMs,
    coverage: keys.length === 0 ? 0 : occurrences.measured / keys.length,
    derived: keys.length === 0 ? 0 : occurrences.derived / keys.length,
    missing,
    ops: opEstimates(table, counts, sums, target),
  };
}

/**
 * The same for a network, fused into the ops that the device executes.
 * @throws LutraError `invalid-network`
 */
export function estimateNetwork(
  table: LatencyTable,
  network: Network,
  target: TimingTarget = 'steady',
): Estimate {
  return estimateOps(
    table,
    fuse(network, table.dtype).map(({ key }) => key),
    target,
  );
}

function countKeys(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function opEstimates(
  table: LatencyTable,
  counts: ReadonlyMap<string, number>,
  sums: NetworkSums,
  target: TimingTarget,
): readonly OpEstimate[] {
  const modelNs = table.modelNs(sums, target);
  const modelOf = table.modelOfOps(sums, target);
  const { scale } = table.calibrationOf(target);
  return [...counts].map(([key, count]) => {
    const entry = table.find(key);
    if (entry === undefined) return { key, count, latencyMs: null, share: null, source: null };
    const latencyNs = count * modelOf({ opNs: entry.latencyNs, ...table.memoryOf(key) });
    return {
      key,
      count,
      latencyMs: (scale * latencyNs) / NS_PER_MS,
      share: latencyNs / modelNs,
      source: entry.source,
    };
  });
}

function intervalOf(
  latencyMs: number,
  calibration: Calibration,
  known: readonly OpCount[],
  sumNs: number,
): EstimateInterval {
  const { lowFactor, highFactor } = intervalFactors(calibration, latencyMs * NS_PER_MS);
  const { belowNs, aboveNs } = opsSpread(known);
  const beyond = (spreadNs: number) => Math.max(0, (spreadNs / sumNs) ** 2 - calibration.opSpread ** 2);
  const low = Math.sqrt((1 - lowFactor) ** 2 + beyond(belowNs));
  const high = Math.sqrt((highFactor - 1) ** 2 + beyond(aboveNs));
  return { lowMs: latencyMs * Math.max(0, 1 - low), highMs: latencyMs * (1 + high), level: LEVEL };
}
