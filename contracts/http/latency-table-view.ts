import { type Static, Type } from 'typebox';
import { Environment } from '../environment.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Level 0.95: of 100 such intervals about 95 hold the true figure. */
export const LatencyInterval = Type.Object({
  lowMs: Type.Number(),
  highMs: Type.Number(),
  level: Type.Number(),
});
export type LatencyInterval = Static<typeof LatencyInterval>;

/** How a figure came about: `snapped` and `interpolated` were not measured themselves. */
export const LatencySource = Type.Union([
  Type.Literal('measured'),
  Type.Literal('snapped'),
  Type.Literal('interpolated'),
]);
export type LatencySource = Static<typeof LatencySource>;

export const LatencyTableEntry = Type.Object({
  key: Type.String(),
  latencyMs: Type.Number(),
  interval: LatencyInterval,
  source: LatencySource,
  samples: Type.Integer(),
  measuredAtMs: Type.Number(),
  /** RFC 3339. */
  measuredAt: Type.String(),
  /** The measurement it was taken from. */
  measurementId: Type.Integer(),
});
export type LatencyTableEntry = Static<typeof LatencyTableEntry>;

/** `GET /latency-table`. */
export const LatencyTableQuery = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    /** The first part of the op key: `conv2d`, `depthwise`, … */
    kind: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
    keyPrefix: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** A page of JSON holds 10,000 entries at most; NDJSON and CSV stream all unless limited. */
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Entries after this key; `next` of the page before. */
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    /** Wins over `Accept`. */
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('ndjson'), Type.Literal('csv')])),
  },
  { additionalProperties: false },
);
export type LatencyTableQuery = Static<typeof LatencyTableQuery>;

/** How sums of op latencies become latencies of networks. */
export const CalibrationView = Type.Object({
  /** Whole-network latency over the sum of its ops. 1 while nothing was fitted. */
  scale: Type.Number(),
  /** Standard deviation of whole ÷ (scale × sum) − 1 over the networks it was fitted on; null while nothing was. */
  relativeSpread: Nullable(Type.Number()),
  /** Whole networks it was fitted on. */
  networks: Type.Integer(),
});
export type CalibrationView = Static<typeof CalibrationView>;

/** How estimates met held-out whole-network measurements. */
export const FidelityView = Type.Object({
  networks: Type.Integer(),
  meanAbsolutePercentageError: Type.Number(),
  within5Percent: Type.Number(),
  within10Percent: Type.Number(),
  kendallTau: Type.Number(),
});
export type FidelityView = Static<typeof FidelityView>;

export const LatencyTableView = Type.Object(
  {
    device: Type.String(),
    environmentHash: Nullable(Type.String()),
    environment: Nullable(Environment),
    /** Entries in the whole table, whatever the filters. */
    entryCount: Type.Integer(),
    entries: Type.Array(LatencyTableEntry),
    next: Nullable(Type.String()),
    calibration: CalibrationView,
    /** Null until held-out networks were measured. */
    fidelity: Nullable(FidelityView),
    provenance: Type.Object({
      sessions: Type.Integer(),
      /** Time of the first and last session; null without any. */
      firstSessionAtMs: Nullable(Type.Number()),
      lastSessionAtMs: Nullable(Type.Number()),
    }),
  },
  { $id: 'LatencyTableView' },
);
export type LatencyTableView = Static<typeof LatencyTableView>;
