import type { FailureKind, TimingTarget, Verdict } from '../../contracts/measurement.js';

/** One op, network or anchor in one session. Figures are as measured: the anchor factor is not applied. */
export interface MeasurementRow {
  readonly id: number;
  readonly sessionId: number;
  readonly subjectKind: 'op' | 'network' | 'anchor';
  readonly opKey: string | null;
  readonly networkHash: string | null;
  readonly target: TimingTarget;
  readonly latencyNs: number | null;
  readonly lowNs: number | null;
  readonly highNs: number | null;
  readonly sampleCount: number;
  readonly visits: number;
  /** Building and loading a whole network, and its first run; null for ops and in earlier versions. */
  readonly openNs: number | null;
  readonly firstNs: number | null;
  /** Width of the interval of the graph that is known worst, as a share; null in earlier versions. */
  readonly precision: number | null;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly failure: { readonly kind: FailureKind; readonly message: string } | null;
  /** Latency = Σ coefficient × statistic of the graph's samples. */
  readonly terms: readonly { readonly graphId: string; readonly coefficient: number }[];
}

export interface StoredMeasurement extends Omit<MeasurementRow, 'reasons' | 'failure' | 'terms'> {
  readonly reasons: string;
  readonly failureKind: FailureKind | null;
  readonly failureMessage: string | null;
  readonly terms: string;
}

export const SELECT_MEASUREMENT = `
  SELECT measurement.id, session_id AS sessionId, subject_kind AS subjectKind, op.key AS opKey,
    network_hash AS networkHash, target, latency_ns AS latencyNs, low_ns AS lowNs, high_ns AS highNs,
    sample_count AS sampleCount, visits, open_ns AS openNs, first_ns AS firstNs, precision, verdict, reasons, failure_kind AS failureKind,
    failure_message AS failureMessage,
    (SELECT json_group_array(json_object('graphId', graph_id, 'coefficient', coefficient))
     FROM measurement_term WHERE measurement_id = measurement.id) AS terms
  FROM measurement LEFT JOIN op ON op.id = measurement.op_id`;

export function toMeasurementRow({
  reasons,
  terms,
  failureKind,
  failureMessage,
  ...row
}: StoredMeasurement): MeasurementRow {
  return {
    ...row,
    reasons: JSON.parse(reasons) as string[],
    terms: JSON.parse(terms) as MeasurementRow['terms'],
    failure: failureKind === null ? null : { kind: failureKind, message: failureMessage ?? '' },
  };
}
