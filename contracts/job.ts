import { type Static, Type } from 'typebox';
import { Protocol, Purpose, TimingTarget, Verdict } from './measurement.js';

/**
 * The longest lease, and the longest delay before a retry. What lies further ahead than this was written before the
 * clock was set back: it counts as over.
 */
export const MAX_LEASE_MS = 300_000;

/** Where a job is. Apart from {@link JobOutcome}, which says how it ended. */
export const JobStatus = Type.Union([
  Type.Literal('queued'),
  Type.Literal('leased'),
  Type.Literal('running'),
  Type.Literal('finished'),
]);
export type JobStatus = Static<typeof JobStatus>;

export const JobOutcome = Type.Union([
  Type.Literal('ok'),
  Type.Literal('timeout'),
  Type.Literal('crashed'),
  Type.Literal('out-of-memory'),
  Type.Literal('unsupported-op'),
  Type.Literal('unstable'),
  Type.Literal('nonsense'),
  /** The loss was no longer a finite number, or data or weights were missing or changed. */
  Type.Literal('training-failed'),
  /** Gave up: it lost three workers in a row. */
  Type.Literal('abandoned'),
  Type.Literal('cancelled'),
]);
export type JobOutcome = Static<typeof JobOutcome>;

/** Measures a network whole and the ops that the table lacks; either list may be empty. */
export const MeasurePayload = Type.Object({
  kind: Type.Literal('measure'),
  /** Null: any device of the class that the job's queue stands for. */
  device: Type.Union([Type.String(), Type.Null()]),
  /** Network documents, already parsed. */
  networks: Type.Array(Type.Unknown()),
  /** Op keys to be measured if the table lacks them when the job starts. */
  ops: Type.Array(Type.String()),
  protocol: Protocol,
  /** Measure ops even if the table has them. */
  remeasure: Type.Boolean(),
  /** What the networks' latencies are to be of; absent = steady. */
  target: Type.Optional(TimingTarget),
  /** What the networks' latencies are for; absent = calibration. */
  purpose: Type.Optional(Purpose),
  /**
   * `comparison`: the two networks, A and B, against each other. `noise-check`: one of two sessions of the same
   * networks. Absent: figures for the table.
   */
  aim: Type.Optional(Type.Union([Type.Literal('comparison'), Type.Literal('noise-check')])),
});
export type MeasurePayload = Static<typeof MeasurePayload>;

export const TrainerName = Type.Union([Type.Literal('onnxruntime'), Type.Literal('tfjs')]);
export type TrainerName = Static<typeof TrainerName>;

export const DatasetSpec = Type.Union(
  [
    Type.Object({ kind: Type.Literal('mnist') }, { additionalProperties: false }),
    Type.Object(
      {
        kind: Type.Literal('idx'),
        /** Where it lies on the machine that names it. */
        directory: Type.String({ minLength: 1 }),
        /** What it holds: `training/datasets/dataset-hash.ts`. Whoever trains has the same, wherever it lies there. */
        sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
      },
      { additionalProperties: false },
    ),
  ],
  { $id: 'DatasetSpec' },
);
export type DatasetSpec = Static<typeof DatasetSpec>;

export const Recipe = Type.Object(
  {
    steps: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    batchSize: Type.Integer({ minimum: 1, maximum: 4096 }),
    learningRate: Type.Number({ exclusiveMinimum: 0, maximum: 100 }),
    schedule: Type.Union([Type.Literal('cosine'), Type.Literal('constant')]),
    warmupSteps: Type.Integer({ minimum: 0 }),
    momentum: Type.Number({ minimum: 0, maximum: 1 }),
    weightDecay: Type.Number({ minimum: 0 }),
    batchNormMomentum: Type.Number({ minimum: 0, maximum: 1 }),
    /** Batch-norm statistics are averaged over this many last steps; 0 = keep the running ones. */
    averageStatisticsSteps: Type.Integer({ minimum: 0 }),
    /** Share of the teacher's softmax in the targets; 0 = one-hot. An adaptation's teacher is its seed, which has none. */
    distillation: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { $id: 'Recipe', additionalProperties: false },
);
export type Recipe = Static<typeof Recipe>;

/** Trains (or only evaluates, with `steps: 0`) one network. Weights travel as content-addressed blobs. */
export const TrainPayload = Type.Object({
  kind: Type.Literal('train'),
  trainer: TrainerName,
  network: Type.Unknown(),
  /** SHA-256 of the starting weights; null = initialise from `seed`. */
  weights: Type.Union([Type.String(), Type.Null()]),
  dataset: DatasetSpec,
  recipe: Recipe,
  /** Fixes initial weights and the order of batches: equal seeds see equal batches. */
  seed: Type.Integer(),
  teacher: Type.Union([Type.Object({ network: Type.Unknown(), weights: Type.String() }), Type.Null()]),
  /** Whether to find out how important each filter is, which costs some twenty steps more. Default false. */
  importance: Type.Optional(Type.Boolean()),
  /** The holdout is for choosing; the test set is read once, at the end. */
  evaluateOn: Type.Array(Type.Union([Type.Literal('holdout'), Type.Literal('test')])),
});
export type TrainPayload = Static<typeof TrainPayload>;

export const Evaluation = Type.Object({
  accuracy: Type.Number(),
  lossNats: Type.Number(),
  /** Cross-entropy at the temperature that minimises it: twice the signal to noise of accuracy. */
  calibratedLossNats: Type.Number(),
  temperature: Type.Number(),
  count: Type.Integer(),
});
export type Evaluation = Static<typeof Evaluation>;

export const TrainResult = Type.Object({
  kind: Type.Literal('train'),
  weights: Type.String(),
  /** Where asked for: SHA-256 of the filters' importance, `<node>/importance` in the format of weights. */
  importance: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** Mean training loss of the last steps. */
  finalLossNats: Type.Union([Type.Number(), Type.Null()]),
  holdout: Type.Union([Evaluation, Type.Null()]),
  test: Type.Union([Evaluation, Type.Null()]),
  steps: Type.Integer(),
  durationMs: Type.Number(),
});
export type TrainResult = Static<typeof TrainResult>;

const Interval = Type.Object({ lowMs: Type.Number(), highMs: Type.Number(), level: Type.Number() });

/** What a subject's samples say of themselves; absent in results of earlier versions. */
const Trust = {
  /** Why the verdict is not `trusted`. */
  reasons: Type.Optional(Type.Array(Type.String())),
  /** The precision reached: width of the interval of the graph that is known worst, as a share of its median. */
  precision: Type.Optional(Type.Number()),
};

/** How B stands to A, measured in one session. */
export const ComparisonResult = Type.Object({
  /** `faster`: B takes less time than A, beyond the noise floor. `same`: they differ by less than it. */
  answer: Type.Union([
    Type.Literal('same'),
    Type.Literal('faster'),
    Type.Literal('slower'),
    Type.Literal('ambiguous'),
  ]),
  /** Latency of B ÷ latency of A. */
  ratio: Type.Number(),
  interval: Type.Object({ low: Type.Number(), high: Type.Number(), level: Type.Number() }),
  /** Two figures of this device that differ by a smaller share are indistinguishable; null: never measured. */
  noiseFloor: Type.Union([Type.Number(), Type.Null()]),
  /** Rounds of A, B, B, A that counted. */
  rounds: Type.Integer(),
  processes: Type.Integer(),
});
export type ComparisonResult = Static<typeof ComparisonResult>;

/**
 * What `GET /jobs/:id` shows of a finished measure job; computed from what the session stored. Latencies are at the
 * level of the device's anchor baseline, as in the latency table, so that jobs can be compared.
 */
export const MeasureResult = Type.Object({
  kind: Type.Literal('measure'),
  sessionId: Type.Union([Type.Integer(), Type.Null()]),
  /** What the networks' latencies are of; absent in jobs of earlier versions, which were steady. */
  target: Type.Optional(TimingTarget),
  /** A network's latency times this is what the session timed. Null: nothing had to be measured. */
  anchorFactor: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** The same of ops; absent in jobs of earlier versions, whose ops took `anchorFactor`. */
  opFactor: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** Of a comparison whose networks were both measured. */
  comparison: Type.Optional(ComparisonResult),
  /** Of the first network of the job; null when none was asked for or it failed. */
  latencyMs: Type.Union([Type.Number(), Type.Null()]),
  interval: Type.Union([Interval, Type.Null()]),
  verdict: Type.Union([Verdict, Type.Null()]),
  networks: Type.Array(
    Type.Object({
      networkHash: Type.String(),
      /** Of the result's `target`. */
      latencyMs: Type.Union([Type.Number(), Type.Null()]),
      interval: Type.Union([Interval, Type.Null()]),
      verdict: Type.Union([Verdict, Type.Null()]),
      ...Trust,
      /** Building and loading the network, and its first run, as timed; absent in results of earlier versions. */
      openMs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      firstMs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      /**
       * The same as a user feels it: the mean of its runs, with the short interruptions of a shared machine that
       * the fastest runs have not.
       */
      typicalMs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      failure: Type.Union([Type.Object({ kind: Type.String(), message: Type.String() }), Type.Null()]),
    }),
  ),
  ops: Type.Array(
    Type.Object({
      key: Type.String(),
      latencyMs: Type.Union([Type.Number(), Type.Null()]),
      interval: Type.Union([Interval, Type.Null()]),
      verdict: Type.Union([Verdict, Type.Null()]),
      ...Trust,
      /** `measured` now, or `table`: it was known already. */
      source: Type.Union([Type.Literal('measured'), Type.Literal('table')]),
      failure: Type.Union([Type.Object({ kind: Type.String(), message: Type.String() }), Type.Null()]),
    }),
  ),
});
export type MeasureResult = Static<typeof MeasureResult>;

export const JobProgress = Type.Object({
  done: Type.Number(),
  total: Type.Number(),
  note: Type.Optional(Type.String()),
  /**
   * Of the first network that is being measured, from the visits so far, as timed: it may still move. Absent before the
   * first visit, and where no network is measured.
   */
  latencyMs: Type.Optional(Type.Number()),
  interval: Type.Optional(Interval),
});
export type JobProgress = Static<typeof JobProgress>;
