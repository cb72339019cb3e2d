import { type Static, Type } from 'typebox';
import { Candidate } from '../candidate.js';
import { TimingTarget } from '../measurement.js';
import { LatencyInterval, LatencySource } from './latency-table-view.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Candidates times devices of a request whose answer has the rows of ops, thousands of bytes for each. */
export const MOST_ESTIMATES_WITH_OPS = 2_000;

/** `POST /estimate`: every candidate on every device, from their tables. Nothing is measured. */
export const EstimateRequest = Type.Object(
  {
    devices: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
    }),
    candidates: Type.Array(Candidate, { minItems: 1, maxItems: 5000 }),
    /** Refuse with `missing-ops` when a table lacks an op. */
    strict: Type.Optional(Type.Boolean()),
    /** What the latencies are to be of. Default steady. */
    target: Type.Optional(TimingTarget),
    /** False leaves the rows of the ops out of the answer. Default true: for at most 2,000 estimates. */
    ops: Type.Optional(Type.Boolean()),
  },
  { $id: 'EstimateRequest', additionalProperties: false },
);
export type EstimateRequest = Static<typeof EstimateRequest>;

export const EstimatedOp = Type.Object({
  key: Type.String(),
  /** How often the network has it. */
  count: Type.Integer(),
  /** Of all of them together, calibrated; null: the table lacks it. */
  latencyMs: Nullable(Type.Number()),
  /** Share of what the known ops come to; null when unknown. */
  share: Nullable(Type.Number()),
  source: Nullable(LatencySource),
});
export type EstimatedOp = Static<typeof EstimatedOp>;

export const EstimateView = Type.Object(
  {
    device: Type.String(),
    /** Index into the request's candidates. */
    candidate: Type.Integer(),
    name: Type.String(),
    target: TimingTarget,
    /** Calibrated; null unless every op is known: an unknown op is never counted as 0. */
    latencyMs: Nullable(Type.Number()),
    interval: Nullable(LatencyInterval),
    /**
     * What the known ops come to, calibrated: a part of the latency when some are missing, never the whole; null when
     * none is known.
     */
    partialMs: Nullable(Type.Number()),
    /** Share of the network's ops that were measured. */
    coverage: Type.Number(),
    /** Share of the network's ops that measured neighbours stand for: snapped or interpolated. */
    derived: Type.Number(),
    /**
     * The least and the greatest place that it may have among the candidates on this device, the fastest being 1, given
     * that differences below the calibration's `resolution` mean nothing. `best` 1: it cannot be told from the fastest.
     * Null for a single candidate and where an op is unknown.
     */
    rank: Nullable(Type.Object({ best: Type.Integer(), worst: Type.Integer() })),
    /** Op keys that the table can say nothing of. */
    missing: Type.Array(Type.String()),
    ops: Type.Optional(Type.Array(EstimatedOp)),
  },
  { $id: 'EstimateView' },
);
export type EstimateView = Static<typeof EstimateView>;

/** Candidates in order within devices in order. */
export const EstimateAnswer = Type.Object({ estimates: Type.Array(EstimateView) }, { $id: 'EstimateAnswer' });
export type EstimateAnswer = Static<typeof EstimateAnswer>;
