import { estimateOps } from './estimate.js';
import { type Fidelity, fidelityOf } from './fidelity.js';
import type { LatencyTable } from './latency-table.js';
import type { TimingTarget } from './timing-target.js';

/** A network that had no part in the table's calibration, as measured. */
export interface HeldOutNetwork {
  readonly networkHash: string;
  /** Its ops, one key for each occurrence. */
  readonly opKeys: readonly string[];
  /** One figure a session, in order of time; one or more. */
  readonly latenciesNs: readonly number[];
}

/** The same networks measured twice. */
export interface RepeatedMeasurement {
  readonly networks: number;
  /** Of |first ÷ second − 1|. */
  readonly meanDeviation: number;
  readonly maxDeviation: number;
}

/** How estimates met measurements that did not feed them, beside how measurements meet each other. */
export interface FidelityReport {
  /** Calibrated. */
  readonly calibrated: Fidelity;
  /** Plain sums of op latencies. */
  readonly raw: Fidelity;
  /** Share of measurements, one of a network and session each, that lie within the interval of their estimate. */
  readonly intervalCoverage: number;
  /** A/A: null when none was measured twice. */
  readonly repeated: RepeatedMeasurement | null;
  /** Networks left out because the table lacks an op of theirs. */
  readonly incomplete: number;
}

/**
 * Judges a table by held-out networks: each estimate against the mean of what was measured.
 * @param table calibrated without them
 * @returns null when every network has an op that the table lacks
 */
export function fidelityReport(
  table: LatencyTable,
  networks: readonly HeldOutNetwork[],
  target: TimingTarget = 'steady',
): FidelityReport | null {
  const known = networks.flatMap(({ opKeys, latenciesNs }) => {
    const sums = table.sums(opKeys);
    if (sums === null) return [];
    const { latencyMs, interval } = estimateOps(table, opKeys, target);
    const { lowMs, highMs } = interval!;
    const within = latenciesNs.map((latencyNs) => latencyNs >= 1e6 * lowMs && latencyNs <= 1e6 * highMs);
    const measuredMs = mean(latenciesNs) / 1e6;
    return [{ measuredMs, rawMs: sums.opNs / 1e6, calibratedMs: latencyMs!, within, latenciesNs }];
  });
  if (known.length === 0) return null;
  return {
    calibrated: fidelityOf(known.map((one) => ({ estimate: one.calibratedMs, measured: one.measuredMs })))!,
    raw: fidelityOf(known.map((one) => ({ estimate: one.rawMs, measured: one.measuredMs })))!,
    intervalCoverage: mean(known.flatMap(({ within }) => within.map(Number))),
    repeated: repeatedMeasurement(known),
    incomplete: networks.length - known.length,
  };
}

function repeatedMeasurement(
  networks: readonly Pick<HeldOutNetwork, 'latenciesNs'>[],
): RepeatedMeasurement | null {
  const deviations = networks.flatMap(({ latenciesNs: [first, second] }) =>
    first === undefined || second === undefined ? [] : [Math.abs(first / second - 1)],
  );
  if (deviations.length === 0) return null;
  return {
    networks: deviations.length,
    meanDeviation: mean(deviations),
    maxDeviation: Math.max(...deviations),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
