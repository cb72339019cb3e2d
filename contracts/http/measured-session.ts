import { type Static, Type } from 'typebox';
import { Environment } from '../environment.js';
import { Check, FailureKind, Opening, Protocol, TimingTarget, Verdict } from '../measurement.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/**
 * One op, network or anchor in a session. Figures are as timed: to compare sessions divide ops by `opFactor`, networks by
 * `anchorFactor`.
 */
export const MeasuredSubject = Type.Object({
  kind: Type.Union([Type.Literal('op'), Type.Literal('network'), Type.Literal('anchor')]),
  /** Of an op. */
  key: Nullable(Type.String()),
  /** Of a network or the anchor. */
  networkHash: Nullable(Type.String()),
  /** What `latencyMs` is of; ops and the anchor are always steady. */
  target: TimingTarget,
  /** Null for a failure. */
  latencyMs: Nullable(Type.Number()),
  interval: Nullable(Type.Object({ lowMs: Type.Number(), highMs: Type.Number(), level: Type.Number() })),
  /** Building and loading the network, and its first run. Null for ops, whose graphs hold more than the op. */
  openMs: Nullable(Type.Number()),
  firstMs: Nullable(Type.Number()),
  /** Width of the interval of the graph that is known worst, as a share of its median. */
  precision: Nullable(Type.Number()),
  samples: Type.Integer(),
  visits: Type.Integer(),
  verdict: Verdict,
  reasons: Type.Array(Type.String()),
  failure: Nullable(Type.Object({ kind: FailureKind, message: Type.String() })),
  /** latency = Σ coefficient × median over visits of the smallest sample of a visit. */
  terms: Type.Array(Type.Object({ graphId: Type.String(), coefficient: Type.Number() })),
});
export type MeasuredSubject = Static<typeof MeasuredSubject>;

/** `GET /sessions/:id`: one uninterrupted stretch of measuring, with everything its verdict rests on. */
export const MeasuredSessionView = Type.Object(
  {
    id: Type.Integer(),
    device: Type.String(),
    environment: Environment,
    jobId: Nullable(Type.String()),
    startedAtMs: Type.Number(),
    endedAtMs: Type.Number(),
    protocol: Protocol,
    /** Fixes the order of visits. */
    seed: Type.Integer(),
    verdict: Verdict,
    checks: Type.Array(Check),
    /** This session's anchor over that of the environment's baseline. */
    anchorFactor: Type.Number(),
    /** The same for its ops, which move half as much as the anchor up to 15 %. */
    opFactor: Type.Number(),
    /** What was noted around and between the visits, as it came. */
    observations: Type.Record(Type.String(), Type.Unknown()),
    subjects: Type.Array(MeasuredSubject),
    /**
     * Whether the figures and the verdict come out the same to the last digit when they are computed anew from the
     * raw samples; null for sessions of earlier versions, which lack what that takes.
     */
    replaysToTheSame: Nullable(Type.Boolean()),
  },
  { $id: 'MeasuredSessionView' },
);
export type MeasuredSessionView = Static<typeof MeasuredSessionView>;

export const VisitView = Type.Object({
  /** Why it counts or not, by cause: its durations play no part. */
  class: Type.Union([
    Type.Literal('counted'),
    Type.Literal('waited'),
    Type.Literal('stopped'),
    Type.Literal('faulted'),
    Type.Literal('disturbed'),
  ]),
  /** Whether the figures use it: a disturbed visit is used where fewer than five others remain. */
  used: Type.Boolean(),
  /** Which process made it, from 0. */
  process: Type.Integer(),
  /** After the beginning of its process; null in sessions of earlier versions, as the figures that follow. */
  startMs: Nullable(Type.Number()),
  waitShare: Nullable(Type.Number()),
  /** Share of the core that the host or a sibling thread took around the visit. */
  takenShare: Nullable(Type.Number()),
  stoppedShare: Nullable(Type.Number()),
  preemptions: Nullable(Type.Integer()),
  majorFaults: Nullable(Type.Integer()),
  /** Nanoseconds a run, in order of time; null for what was no number. */
  samplesNs: Type.Array(Nullable(Type.Number())),
});
export type VisitView = Static<typeof VisitView>;

/** `GET /sessions/:id/samples`: raw samples by graph, visit by visit, with their class. */
export const SessionSamplesView = Type.Object(
  {
    sessionId: Type.Integer(),
    graphs: Type.Array(
      Type.Object({
        graphId: Type.String(),
        /** By process; empty in sessions of earlier versions. */
        openings: Type.Array(Opening),
        visits: Type.Array(VisitView),
      }),
    ),
  },
  { $id: 'SessionSamplesView' },
);
export type SessionSamplesView = Static<typeof SessionSamplesView>;

export const SessionSamplesQuery = Type.Object(
  {
    /** Only this graph. */
    graph: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
  },
  { additionalProperties: false },
);
export type SessionSamplesQuery = Static<typeof SessionSamplesQuery>;
