import { type Static, Type } from 'typebox';
import { Environment } from './environment.js';
import { FailureKind, HostProbe, ProbeSamples, SubjectFailure, SubjectTerms } from './measurement.js';

/** What the child is about to do to a graph; said before it does it, so that a crash or a hang has an owner. */
export const Phase = Type.Union([
  Type.Literal('open'),
  Type.Literal('first'),
  Type.Literal('warm-up'),
  Type.Literal('visit'),
]);
export type Phase = Static<typeof Phase>;

/** One JSON line of a measuring child. */
export const MeasureMessage = Type.Union([
  /** Facts of the runtime; `pinned` is the supervisor's to say. */
  Type.Object({
    type: Type.Literal('environment'),
    environment: Type.Omit(Environment, ['pinned']),
    /** Cores that the child may run on, as the system tells them, e.g. `0` or `0-3`. */
    allowedCores: Type.Optional(Type.String()),
  }),
  /** How each subject follows from graphs, before any is opened. */
  Type.Object({ type: Type.Literal('terms'), terms: Type.Array(SubjectTerms) }),
  /** A subject that the runtime cannot express: it has no graph. */
  Type.Object({ type: Type.Literal('subject-failure'), failure: SubjectFailure }),
  Type.Object({ type: Type.Literal('announce'), phase: Phase, graphId: Type.String() }),
  /** A graph that the runtime refused or whose durations cannot be; the child goes on without it. */
  Type.Object({
    type: Type.Literal('graph-failure'),
    graphId: Type.String(),
    kind: FailureKind,
    message: Type.String(),
  }),
  Type.Object({ type: Type.Literal('host-probe'), probe: HostProbe }),
  Type.Object({
    type: Type.Literal('progress'),
    done: Type.Number(),
    total: Type.Number(),
    /** Of the first network, from the visits so far; bounds of its 95 % interval. */
    soFar: Type.Optional(
      Type.Object({ latencyNs: Type.Number(), lowNs: Type.Number(), highNs: Type.Number() }),
    ),
  }),
  Type.Object({ type: Type.Literal('probe'), probe: ProbeSamples }),
  /** The last line. */
  Type.Object({ type: Type.Literal('end'), observations: Type.Record(Type.String(), Type.Unknown()) }),
]);
export type MeasureMessage = Static<typeof MeasureMessage>;
