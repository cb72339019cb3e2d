import { type Static, Type } from 'typebox';
import { Environment } from '../environment.js';
import { TimingTarget } from '../measurement.js';
import { FidelityReportView } from './fidelity.js';

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
  /** RFC 3339, end of the session that it comes from. */
  measuredAt: Type.String(),
});
export type LatencyTableEntry = Static<typeof LatencyTableEntry>;

/** `GET /latency-table`. */
export const LatencyTableQuery = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    /** Another than its present one: the hash, or its first characters, of one that it was measured in. */
    environment: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8,64}$' })),
    /** Whose calibration and fidelity to show. Default steady. */
    target: Type.Optional(TimingTarget),
    /** The first part of the op key: `conv2d`, `depthwise`, … */
    kind: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
    keyPrefix: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** JSON: 1,000 entries unless asked, 10,000 at most. NDJSON and CSV stream all unless limited. */
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Entries after this key; `next` of the page before. */
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    /** Wins over `Accept`. */
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('ndjson'), Type.Literal('csv')])),
  },
  { additionalProperties: false },
);
export type LatencyTableQuery = Static<typeof LatencyTableQuery>;

/**
 * How what a table knows of a network's ops becomes the latency of the whole: `scale · (ops + once · what memory that is
 * used once costs + streamed · what other memory costs + beyond · what of both lies beyond the caches) + interceptMs`.
 */
export const CalibrationView = Type.Object({
  target: TimingTarget,
  /** `none`: no whole network was measured whose ops are all known; the scale is 1 and intervals are wide. */
  kind: Type.Union([Type.Literal('none'), Type.Literal('scale'), Type.Literal('scale-intercept')]),
  /** Whole-network latency over the model. */
  scale: Type.Number(),
  /** Session and call overhead; 0 where the data do not carry it. */
  interceptMs: Type.Number(),
  /** How often what memory costs by this host's curve counts, as read 1, 1 and 0; null where nobody read the curve. */
  memory: Nullable(Type.Object({ once: Type.Number(), streamed: Type.Number(), beyond: Type.Number() })),
  /** 95 % of networks of all sizes are expected between these multiples of their estimate; its interval is of its size. */
  lowFactor: Type.Number(),
  highFactor: Type.Number(),
  /** Error of networks by fits that they had no part in (root mean square, a share); null for fewer than two. */
  relativeSpread: Nullable(Type.Number()),
  /** The least relative difference of two estimates that tells their networks apart. */
  resolution: Type.Number(),
  /** Half width of the 95 % interval of a sum of ops, as a share, that the spread holds already. */
  opSpread: Type.Number(),
  /** Whole networks behind the fit. */
  networks: Type.Integer(),
});
export type CalibrationView = Static<typeof CalibrationView>;

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
    /** The last report; null until held-out networks were measured. */
    fidelity: Nullable(FidelityReportView),
    provenance: Type.Object({
      /** Sessions of measuring in this environment. */
      sessions: Type.Integer(),
      /** RFC 3339, start of the first and end of the last one; null without any. */
      firstSessionAt: Nullable(Type.String()),
      lastSessionAt: Nullable(Type.String()),
      /** Changes whenever the table does. */
      version: Type.String(),
    }),
  },
  { $id: 'LatencyTableView' },
);
export type LatencyTableView = Static<typeof LatencyTableView>;
