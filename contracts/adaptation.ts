import { type Static, Type } from 'typebox';
import { Candidate } from './candidate.js';
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

/** `POST /adaptations`. Everything but device, candidate, budget and dataset has a default, filled in on entry. */
export const AdaptationRequest = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    candidate: Candidate,
    /** SHA-256 of trained seed weights; absent or null: the seed is trained first, with `recipes.seed`. */
    weights: Type.Optional(Nullable(Type.String({ pattern: '^[0-9a-f]{64}$' }))),
    dataset: DatasetSpec,
    trainer: Type.Optional(Type.Union([Type.Literal('onnxruntime'), Type.Literal('tfjs')])),
    budget: Type.Union([
      Type.Object({ latencyMs: Type.Number({ exclusiveMinimum: 0 }) }, { additionalProperties: false }),
      /** Share of the seed's measured latency. */
      Type.Object(
        { ratio: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }) },
        { additionalProperties: false },
      ),
    ]),
    policy: Type.Optional(Policy),
    /** Δ of the first iteration as a share of the seed's latency (0.03; mobilenet-v3: 0.01). */
    initialReduction: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
    /** Δᵢ₊₁ = decay · Δᵢ (0.96; mobilenet-v3: 1). */
    reductionDecay: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    ranking: Type.Optional(Ranking),
    /** Widths are tried in multiples of this; null = the device's own channel step. */
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
  estimateMs: Nullable(Type.Number()),
  latencyMs: Nullable(Type.Number()),
  interval: Nullable(Interval),
  weights: Nullable(Type.String()),
  holdout: Nullable(Evaluation),
  test: Nullable(Evaluation),
});
export type MeasuredNetwork = Static<typeof MeasuredNetwork>;

const Proposal = Type.Object({
  /** Width group that was shrunk. */
  group: Type.String(),
  widthBefore: Type.Integer(),
  width: Type.Integer(),
  estimateMs: Type.Number(),
  holdout: Nullable(Evaluation),
  /** The ranking's figure; lower is better for `loss-per-latency`, higher for the others. Null: not evaluated. */
  score: Nullable(Type.Number()),
  failure: Nullable(Type.String()),
  chosen: Type.Boolean(),
});
export type ProposalView = Static<typeof Proposal>;

const Iteration = Type.Object({
  index: Type.Integer(),
  targetMs: Type.Number(),
  /** Holdout evaluation of the uncut network after the same fine-tuning. */
  nullProposal: Nullable(Evaluation),
  proposals: Type.Array(Proposal),
  /** The chosen network, after it was measured whole; null while the iteration runs. */
  network: Nullable(MeasuredNetwork),
});
export type IterationView = Static<typeof Iteration>;

const Baseline = Type.Object({
  /** `seed`, `uniform` (as given), `uniform-stepped` (rounded to the device's channel step). */
  name: Type.String(),
  multiplier: Type.Number(),
  network: MeasuredNetwork,
});
export type BaselineView = Static<typeof Baseline>;

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
    createdAtMs: Type.Number(),
    updatedAtMs: Type.Number(),
    budgetMs: Nullable(Type.Number()),
    /** Whether the final network's measured interval lies at or under the budget. */
    budgetMet: Nullable(Type.Boolean()),
    seed: Nullable(MeasuredNetwork),
    iterations: Type.Array(Iteration),
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
