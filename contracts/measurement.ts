import { type Static, Type } from 'typebox';
import { DTypeName, Environment } from './environment.js';

/** Why a subject has no latency. Stored like a result; never an exception. */
export const FailureKind = Type.Union([
  Type.Literal('timeout'),
  Type.Literal('crashed'),
  Type.Literal('out-of-memory'),
  Type.Literal('unsupported-op'),
  Type.Literal('unstable'),
  /** The runtime returned a duration that cannot be one: ≤ 0, NaN, or faster than the arithmetic peak allows. */
  Type.Literal('nonsense'),
]);
export type FailureKind = Static<typeof FailureKind>;

export const Verdict = Type.Union([
  Type.Literal('trusted'),
  Type.Literal('usable'),
  Type.Literal('rejected'),
]);
export type Verdict = Static<typeof Verdict>;

/**
 * What a latency is of. `steady`: inference back to back, its weights and maps in the caches where they fit. `cold`: one
 * inference after other work, which has taken the caches: an app's usual case.
 */
export const TimingTarget = Type.Union([Type.Literal('steady'), Type.Literal('cold')]);
export type TimingTarget = Static<typeof TimingTarget>;

/** What a measurement is for. `held-out` ones judge estimates and never calibrate a table. */
export const Purpose = Type.Union([Type.Literal('calibration'), Type.Literal('held-out')]);
export type Purpose = Static<typeof Purpose>;

/** What a measuring child can find out about its host, beside subjects. */
export const HostProbeKind = Type.Literal('memory-curve');
export type HostProbeKind = Static<typeof HostProbeKind>;

/** A fact about a host, kept with the environment. */
export const HostProbe = Type.Object({
  kind: HostProbeKind,
  /** What reading costs when it is done over and over in so large an area, with so long a pause between. */
  data: Type.Array(
    Type.Object({
      footprintBytes: Type.Number({ exclusiveMinimum: 0 }),
      /** Absent: none. */
      idleMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      nsPerByte: Type.Number({ exclusiveMinimum: 0 }),
    }),
  ),
});
export type HostProbe = Static<typeof HostProbe>;

/** What one session is asked to measure: an op (by key), or a whole network (document, known by its content hash). */
export const Subject = Type.Union([
  Type.Object({ kind: Type.Literal('op'), id: Type.String(), key: Type.String() }),
  Type.Object({
    kind: Type.Literal('network'),
    id: Type.String(),
    networkHash: Type.String(),
    network: Type.Unknown(),
    /** Default: steady. Ops are always measured steady. */
    target: Type.Optional(TimingTarget),
    /** Side of a comparison: a graph of its own even where both networks are the same. */
    copy: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
  }),
  /** A fixed network measured in every session of a device, which makes sessions comparable. */
  Type.Object({
    kind: Type.Literal('anchor'),
    id: Type.String(),
    networkHash: Type.String(),
    network: Type.Unknown(),
  }),
]);
export type Subject = Static<typeof Subject>;

export const Protocol = Type.Object({
  /** Upper limit of visits to each graph. */
  maxVisits: Type.Integer({ minimum: 1 }),
  minVisits: Type.Integer({ minimum: 1 }),
  /** Timed runs within a visit; fewer for graphs slower than `visitBudgetMs`. */
  samplesPerVisit: Type.Integer({ minimum: 1 }),
  visitBudgetMs: Type.Number(),
  /** Stop visiting once the 95 % interval of the visit minima's median is narrower than this share. */
  targetRelativeInterval: Type.Number(),
  /**
   * Order within a round: at random, or copy `a`, `b`, `b`, `a` of a comparison, which cancels what drifts steadily.
   * Absent = random.
   */
  order: Type.Optional(Type.Union([Type.Literal('random'), Type.Literal('abba')])),
  /** Fresh processes that measure everything one after the other; absent = 1. */
  processes: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
  /** The visits of all processes are spread over at least this long; absent = as short as they take. */
  spreadMs: Type.Optional(Type.Number({ minimum: 0 })),
  /** Visits of all processes end after this long, whatever the precision; absent = no limit. */
  budgetMs: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  /** Killed when one graph takes longer than this to open or to be visited once. */
  subjectTimeoutMs: Type.Number(),
});
export type Protocol = Static<typeof Protocol>;

export const DEFAULT_PROTOCOL: Protocol = {
  maxVisits: 20,
  minVisits: 8,
  samplesPerVisit: 10,
  visitBudgetMs: 4,
  targetRelativeInterval: 0.02,
  budgetMs: 60_000,
  subjectTimeoutMs: 20_000,
};

/**
 * For figures that others are held against: three processes, because what differs between processes (memory layout,
 * the host's mood) is more than what differs within one, and visits spread over the states of a shared machine.
 */
export const REFERENCE_PROTOCOL: Protocol = {
  ...DEFAULT_PROTOCOL,
  processes: 3,
  spreadMs: 40_000,
  budgetMs: 180_000,
};

/** For two networks that are compared: rounds of A, B, B, A in three processes. */
export const COMPARISON_PROTOCOL: Protocol = {
  ...DEFAULT_PROTOCOL,
  order: 'abba',
  processes: 3,
  minVisits: 16,
  maxVisits: 40,
  targetRelativeInterval: 0.01,
  budgetMs: 180_000,
};

/** The same with rounds spread over the states of a shared machine, as {@link REFERENCE_PROTOCOL}. */
export const REFERENCE_COMPARISON_PROTOCOL: Protocol = {
  ...COMPARISON_PROTOCOL,
  spreadMs: 40_000,
};

/** Sent to a measuring child as one JSON document on its standard input. */
export const MeasurementPlan = Type.Object({
  runtime: Type.String(),
  threads: Type.Integer({ minimum: 1 }),
  /** Element type that networks run in, default float32; ops name theirs. */
  dtype: Type.Optional(DTypeName),
  /** Seeds the random order of visits. */
  seed: Type.Integer(),
  subjects: Type.Array(Subject),
  protocol: Protocol,
  /** Facts about the host that its environment lacks. */
  hostProbes: Type.Optional(Type.Array(HostProbeKind)),
  /** As the device's environment has it; absent: found out by the child. */
  channelStep: Type.Optional(Type.Integer({ minimum: 1 })),
  /** For `runtimes/fake`: noise, crash, hang, nonsense rules. */
  runtimeOptions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type MeasurementPlan = Static<typeof MeasurementPlan>;

/** What happened to the measuring process during one visit, beside waiting for a core. */
export const VisitCauses = Type.Object({
  /** When the visit began: milliseconds after its process did. */
  startMs: Type.Number(),
  /** Share of wall time in which the process neither ran nor waited for a core: stopped, or blocked. */
  stoppedShare: Type.Number(),
  /** How often another task took the core. */
  preemptions: Type.Integer(),
  /** Page faults that waited for a disk. */
  majorFaults: Type.Integer(),
  /**
   * Right before and after it, on average: the usual piece of work that a core can do much of at once, over the fastest of a
   * chain in which each step waits for the one before. Rises when a sibling thread takes its share of the core, and not when
   * the clock falls. Absent in sessions of earlier versions, and in browsers.
   */
  parallelRatio: Type.Optional(Type.Number()),
});
export type VisitCauses = Static<typeof VisitCauses>;

/** How a graph came to its steady state in one process. */
export const Opening = Type.Object({
  /** Visits that this process made. */
  visits: Type.Integer({ minimum: 0 }),
  openNs: Type.Number(),
  firstNs: Type.Number(),
  /** Runs between the first one and the steady state, and what they took in all. */
  warmUpRuns: Type.Integer({ minimum: 0 }),
  warmUpNs: Type.Number(),
  /** Whether the steady state was reached before the warm-up ended. */
  steady: Type.Boolean(),
  /** Runs in a row that make one sample: more than 1 where the clock's step would show. */
  runsPerSample: Type.Integer({ minimum: 1 }),
});
export type Opening = Static<typeof Opening>;

/** A spin through equal pieces of work, between rounds of visits. */
export const ProbeReading = Type.Object({
  /** Milliseconds after the process began. */
  atMs: Type.Number(),
  /** Share of the spin that was taken away from it. */
  takenShare: Type.Number(),
  longestGapUs: Type.Number(),
  /** The fastest piece, a chain in which one result waits for the other: rises when the core's clock falls. */
  chunkNs: Type.Number(),
  /** The fastest piece of work that a core can do much of at once, over that of the chain. Absent in sessions of earlier versions. */
  parallelRatio: Type.Optional(Type.Number()),
  /**
   * What reading a byte costs in three quarters of the last-level cache: rises when others take it. Absent where the
   * system does not tell its size.
   */
  cacheNsPerByte: Type.Optional(Type.Number()),
});
export type ProbeReading = Static<typeof ProbeReading>;

/** Facts of the machine at one moment; what cannot be read is absent. Counters only grow. */
export const SystemFacts = Type.Partial(
  Type.Object({
    pressureCpuUs: Type.Number(),
    pressureMemoryUs: Type.Number(),
    pressureIoUs: Type.Number(),
    swappedPages: Type.Number(),
    /** Of the measured core, as the host admits it. */
    stolenTicks: Type.Number(),
    availableBytes: Type.Number(),
    totalBytes: Type.Number(),
    ownSwapBytes: Type.Number(),
    frequencyMhz: Type.Number(),
    governor: Type.String(),
    throttles: Type.Number(),
    temperatureC: Type.Number(),
  }),
);
export type SystemFacts = Static<typeof SystemFacts>;

/** What one measuring process saw around its visits. */
export const ProcessObservations = Type.Object({
  clock: Type.Object({ stepNs: Type.Number(), costNs: Type.Number() }),
  /** Wall time of the rounds of visits. */
  timedMs: Type.Number(),
  involuntarySwitches: Type.Number(),
  /** Threads whose waiting was read; 0 where the system does not show it. */
  watchedThreads: Type.Integer(),
  /** Before the visits, between rounds, after them. */
  probes: Type.Array(ProbeReading),
  /** Every different set of cores that was allowed, as read between rounds, e.g. `0`. */
  allowedCores: Type.Array(Type.String()),
  before: SystemFacts,
  after: SystemFacts,
  /** Why the visits ended: all graphs precise enough, some at the most visits, or no time left. */
  stoppedBy: Type.Union([Type.Literal('precision'), Type.Literal('visits'), Type.Literal('budget')]),
  rssBytes: Type.Number(),
});
export type ProcessObservations = Static<typeof ProcessObservations>;

/** Raw samples of one executed graph. Several subjects may share a graph (the base graphs of in-context ops). */
export const ProbeSamples = Type.Object({
  /** `op:<key>`, `base:<H>x<W>x<C>`, `network:<hash>`; `cold:` before it where caches were emptied before every run. */
  graphId: Type.String(),
  /** Time to build and load the graph, in the first process. */
  openNs: Type.Number(),
  /** The first execution: allocations and lazy packing included. */
  firstNs: Type.Number(),
  /** Steady state: one array a visit, in order of time. Nanoseconds a run. */
  visitsNs: Type.Array(Type.Array(Type.Number())),
  /** By visit: share of wall time that the thread waited for a core (scheduler), or null where unreadable. */
  visitWaitShare: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  /** By visit. Absent in sessions of earlier versions, as the next one. */
  causes: Type.Optional(Type.Array(VisitCauses)),
  /** By process; their visits follow one another in `visitsNs`. */
  openings: Type.Optional(Type.Array(Opening)),
});
export type ProbeSamples = Static<typeof ProbeSamples>;

/** How a subject's latency follows from graphs: Σ coefficient × median over visits of the visit's minimum. */
export const SubjectTerms = Type.Object({
  subjectId: Type.String(),
  terms: Type.Array(Type.Object({ graphId: Type.String(), coefficient: Type.Number() })),
});
export type SubjectTerms = Static<typeof SubjectTerms>;

export const SubjectFailure = Type.Object({
  subjectId: Type.String(),
  kind: FailureKind,
  message: Type.String(),
});
export type SubjectFailure = Static<typeof SubjectFailure>;

/** One check of the circumstances of a session. */
export const Check = Type.Object({
  name: Type.String(),
  state: Type.Union([
    Type.Literal('pass'),
    Type.Literal('warn'),
    Type.Literal('fail'),
    Type.Literal('unobservable'),
  ]),
  detail: Type.String(),
});
export type Check = Static<typeof Check>;

/** Everything one session yields, raw. Summaries are computed from it by `core/measurement` and can be recomputed. */
export const SessionReport = Type.Object(
  {
    environment: Environment,
    startedAtMs: Type.Number(),
    endedAtMs: Type.Number(),
    plan: Type.Object({ seed: Type.Integer(), protocol: Protocol }),
    /** Load, affinity as read back, involuntary switches, … before and after. Stored, never hashed. */
    observations: Type.Record(Type.String(), Type.Unknown()),
    probes: Type.Array(ProbeSamples),
    subjects: Type.Array(Subject),
    terms: Type.Array(SubjectTerms),
    failures: Type.Array(SubjectFailure),
    /** Of the kinds that the plan asked for. */
    hostProbes: Type.Optional(Type.Array(HostProbe)),
  },
  { $id: 'SessionReport' },
);
export type SessionReport = Static<typeof SessionReport>;
