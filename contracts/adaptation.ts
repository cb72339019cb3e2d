import { type Static, Type } from 'typebox';
import { Candidate } from './candidate.js';
import { DTypeName } from './environment.js';
import { DatasetSpec, Evaluation, Recipe } from './job.js';

const Interval = Type.Object({ lowMs: Type.Number(), highMs: Type.Number(), level: Type.Number() });
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const Policy = Type.Union([Type.Literal('netadapt'), Type.Literal('mobilenet-v3')], { $id: 'Policy' });
export type Policy = Static<typeof Policy>;

/**
 * How proposals of an iteration are compared. `loss-per-latency` is the default: (calibrated loss − the null proposal's) /
 * latency reduction, lowest first. `accuracy` is NetAdapt's own rule, `accuracy-per-latency` MobileNetV3's.
 */
export const Ranking = Type.Union(
  [Type.Literal('loss-per-latency'), Type.Literal('accuracy'), Type.Literal('accuracy-per-latency')],
  { $id: 'Ranking' },
);
export type Ranking = Static<typeof Ranking>;

const LatencyMs = Type.Number({ exclusiveMinimum: 0 });
/** Of what the seed needs. */
const Ratio = Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 });
const CountLimit = Type.Union([
  Type.Integer({ minimum: 1 }),
  Type.Object({ ratio: Ratio }, { additionalProperties: false }),
]);

/** One of the two. */
const LatencyLimit = Type.Object(
  { latencyMs: Type.Optional(LatencyMs), ratio: Type.Optional(Ratio) },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

/** What the network must keep within, all of it. At least one limit. */
export const Budget = Type.Object(
  {
    /** On the request's `device`; this or `ratio`. */
    latencyMs: Type.Optional(LatencyMs),
    /** The same as a share of the seed's measured latency. */
    ratio: Type.Optional(Ratio),
    /** Latencies on further devices, by name. */
    devices: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }), LatencyLimit, {
        minProperties: 1,
        maxProperties: 16,
      }),
    ),
    /** Counts, or shares of the seed's. */
    macs: Type.Optional(CountLimit),
    params: Type.Optional(CountLimit),
    peakActivationBytes: Type.Optional(CountLimit),
  },
  { $id: 'Budget', additionalProperties: false, minProperties: 1 },
);
export type Budget = Static<typeof Budget>;

/** What a budget limits and an iteration reduces. */
export const Resource = Type.Object({
  kind: Type.Union([
    Type.Literal('latency'),
    Type.Literal('macs'),
    Type.Literal('params'),
    Type.Literal('peakActivationBytes'),
  ]),
  /** Of a latency. */
  device: Nullable(Type.String()),
});
export type ResourceView = Static<typeof Resource>;

/** `POST /adaptations`. Everything but device, candidate, budget and dataset has a default, filled in on entry. */
export const AdaptationRequest = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    candidate: Candidate,
    /** SHA-256 of trained seed weights; absent or null: the seed is trained first, with `recipes.seed`. */
    weights: Type.Optional(Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' }))),
    dataset: DatasetSpec,
    trainer: Type.Optional(Type.Union([Type.Literal('onnxruntime'), Type.Literal('tfjs')])),
    budget: Budget,
    policy: Type.Optional(Policy),
    /** Δ of the first iteration as a share of the seed's latency (0.03; mobilenet-v3: 0.01). */
    initialReduction: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
    /** Δᵢ₊₁ = decay · Δᵢ (0.96; mobilenet-v3: 1). */
    reductionDecay: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    ranking: Type.Optional(Ranking),
    /**
     * Which filters a narrower group keeps: `taylor`, the default, those that the loss needs most to first order;
     * `l2-norm`, those of the largest kernels, as published.
     */
    importance: Type.Optional(Type.Union([Type.Literal('l2-norm'), Type.Literal('taylor')])),
    /** Fold what removed channels contribute on average into the biases of layers that no batch norm follows. */
    biasCompensation: Type.Optional(Type.Boolean()),
    /** Widths are tried in multiples of this; null = the device's own channel step, 8 where it has none. */
    widthStep: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 256 }))),
    /** Non-interacting proposals taken at once while far from the budget; 1 = as published. */
    maxChosenPerIteration: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
    maxIterations: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    recipes: Type.Optional(
      Type.Object(
        {
          seed: Type.Optional(Type.Partial(Recipe)),
          fineTune: Type.Optional(Type.Partial(Recipe)),
          final: Type.Optional(Type.Partial(Recipe)),
        },
        { additionalProperties: false },
      ),
    ),
    /** Also train and measure the seed under uniform width multipliers at the same latency. */
    baselines: Type.Optional(Type.Boolean()),
    /** Also run the same algorithm driven by MACs until it is as fast on the device: costs as much as the run itself. */
    macsBaseline: Type.Optional(Type.Boolean()),
    /** Equal seeds give equal decisions from equal tables and evaluations. */
    randomSeed: Type.Optional(Type.Integer()),
  },
  { $id: 'AdaptationRequest', additionalProperties: false },
);
export type AdaptationRequest = Static<typeof AdaptationRequest>;

/** A trained network as measured on the device. */
const MeasuredNetwork = Type.Object({
  networkHash: Type.String(),
  /** Width of every group, by group id. */
  widths: Type.Record(Type.String(), Type.Integer()),
  macs: Type.Integer(),
  params: Type.Integer(),
  peakActivationBytes: Type.Integer(),
  /** On the request's `device`; null when the iteration that chose it reduced something else. */
  estimateMs: Nullable(Type.Number()),
  /** Steady, on the request's `device`. */
  latencyMs: Nullable(Type.Number()),
  interval: Nullable(Interval),
  /** On every device of the budget, by name. */
  latencies: Type.Record(Type.String(), Type.Object({ latencyMs: Type.Number(), interval: Interval })),
  weights: Nullable(Type.String()),
  holdout: Nullable(Evaluation),
  test: Nullable(Evaluation),
});
export type MeasuredNetwork = Static<typeof MeasuredNetwork>;

const WidthCut = Type.Object({
  /** Width group that was shrunk. */
  group: Type.String(),
  widthBefore: Type.Integer(),
  width: Type.Integer(),
});
export type WidthCutView = Static<typeof WidthCut>;

const Proposal = Type.Object({
  ...WidthCut.properties,
  /** Groups that shrink with it, where none alone reduces the resource. */
  also: Type.Array(WidthCut),
  /** Of the iteration's resource, in its unit. */
  estimate: Type.Number(),
  /** The same where that is the latency on the request's `device`. */
  estimateMs: Nullable(Type.Number()),
  holdout: Nullable(Evaluation),
  /** The ranking's figure; lower is better for `loss-per-latency`, higher for the others. Null: not evaluated. */
  score: Nullable(Type.Number()),
  failure: Nullable(Type.String()),
  chosen: Type.Boolean(),
});
export type ProposalView = Static<typeof Proposal>;

const Iteration = Type.Object({
  index: Type.Integer(),
  /** What it reduced: the limit of the budget that was farthest from being kept. */
  resource: Resource,
  /** In the resource's unit: milliseconds, MACs, parameters or bytes. */
  target: Type.Number(),
  /** The same where that is the latency on the request's `device`. */
  targetMs: Nullable(Type.Number()),
  /** Holdout evaluation of the uncut network after the same fine-tuning. */
  nullProposal: Nullable(Evaluation),
  proposals: Type.Array(Proposal),
  /** The chosen network, after it was measured whole; null while the iteration runs. */
  network: Nullable(MeasuredNetwork),
});
export type IterationView = Static<typeof Iteration>;

const Baseline = Type.Object({
  /**
   * `seed`, `uniform` (as given), `uniform-stepped` (rounded to the device's channel step), `netadapt-macs` (the same
   * algorithm driven by MACs).
   */
  name: Type.String(),
  /** Of the seed and of uniform networks. */
  multiplier: Nullable(Type.Number()),
  /** Of `netadapt-macs`. */
  iterations: Nullable(Type.Integer()),
  network: MeasuredNetwork,
});
export type BaselineView = Static<typeof Baseline>;

/** One limit of the budget and what became of it. */
const BudgetLine = Type.Object({
  resource: Resource,
  /** In the resource's unit: milliseconds, MACs, parameters or bytes. */
  limit: Type.Number(),
  seed: Type.Number(),
  /** With every width at its least: what widths alone can reach. */
  least: Type.Number(),
  /** Of the network that the run has come to; of the last comparison once there is one. */
  reached: Type.Number(),
  /** Of `reached`, where it is measured. */
  interval: Nullable(Interval),
  /** Whether all of the interval lies at or under the limit. */
  met: Type.Boolean(),
});
export type BudgetLineView = Static<typeof BudgetLine>;

/** What widths can do about the latency on a device, and what the device's noise hides. */
const DeviceReach = Type.Object({
  device: Type.String(),
  seedMs: Type.Number(),
  /** With every width at its least. */
  leastMs: Type.Number(),
  /** Of the seed's latency: what all widths together can take away. */
  widthShare: Type.Number(),
  /** Fused ops of the seed, each of which costs something at any width. */
  ops: Type.Integer(),
  /** A/A noise when the run began, as a share of a latency: smaller differences are indistinguishable. */
  noise: Type.Number(),
  /**
   * What it computes in. Accuracies are of float32 networks either way, and so are the files to download. Absent in runs
   * that began under an earlier version.
   */
  dtype: Type.Optional(DTypeName),
});
export type DeviceReachView = Static<typeof DeviceReach>;

export const AdaptationStatus = Type.Union([
  Type.Literal('queued'),
  Type.Literal('running'),
  Type.Literal('finished'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type AdaptationStatus = Static<typeof AdaptationStatus>;

/** `GET /adaptations/:id`: folded from the run's events. */
export const AdaptationView = Type.Object(
  {
    id: Type.String(),
    status: AdaptationStatus,
    /** `seed-training`, `seed-measuring`, `iterating`, `verifying`, `final-training`, `baselines`, `done`. */
    phase: Type.String(),
    progress: Type.Object({ done: Type.Number(), total: Type.Number(), note: Type.String() }),
    request: AdaptationRequest,
    /** Name of the token that it came with; `local` for this machine without one. */
    submittedBy: Nullable(Type.String()),
    createdAtMs: Type.Number(),
    updatedAtMs: Type.Number(),
    /** Of the latency on the request's `device`, if the budget limits that. */
    budgetMs: Nullable(Type.Number()),
    /** Every limit; empty until the seed is measured. */
    budget: Type.Array(BudgetLine),
    /** Channels between the widths that it tries, asked for or from its devices; absent in views of earlier versions. */
    widthStep: Type.Optional(Nullable(Type.Integer())),
    /** One for each device; empty until the seed is measured. */
    reach: Type.Array(DeviceReach),
    /** Whether the final network keeps within every limit, whole measured intervals included. */
    budgetMet: Nullable(Type.Boolean()),
    seed: Nullable(MeasuredNetwork),
    iterations: Type.Array(Iteration),
    /** As soon as it is settled; `weights` and `test` are null, and `holdout` is provisional, until its final training ended. */
    final: Nullable(MeasuredNetwork),
    baselines: Type.Array(Baseline),
    error: Nullable(
      Type.Object({
        code: Type.String(),
        message: Type.String(),
        details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
  },
  { $id: 'AdaptationView' },
);
export type AdaptationView = Static<typeof AdaptationView>;
