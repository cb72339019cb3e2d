import { type Static, Type } from 'typebox';
import { AdaptationView } from './adaptation.js';
import { Environment } from './environment.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** Grows by one whenever a reader of the earlier one could misread the document; new fields alone do not count. */
export const REPORT_VERSION = 1;

/** One op of a network, in execution order, as the estimate reports it. */
export const OpShare = Type.Object(
  {
    key: Type.String(),
    /** How often the network holds this op. */
    count: Type.Integer({ minimum: 1 }),
    /** Of all `count` occurrences together; null when the table lacks the op. */
    latencyMs: Nullable(Type.Number()),
  },
  { additionalProperties: false },
);
export type OpShare = Static<typeof OpShare>;

/** Everything that the report of an adaptation shows; `report.json` is this document. */
export const Report = Type.Object(
  {
    version: Type.Literal(REPORT_VERSION),
    lutraVersion: Type.String(),
    generatedAtMs: Type.Number(),
    /** Wall time of the whole run, null when the run was followed from elsewhere. */
    wallMs: Nullable(Type.Number()),
    adaptation: AdaptationView,
    /** Those whose latency is limited, the request's own first. */
    devices: Type.Array(
      Type.Object(
        { name: Type.String(), environment: Nullable(Environment) },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
    /** Ids of the width groups that may not shrink: the image's channels, the classes. */
    frozenGroups: Type.Array(Type.String()),
    ops: Type.Object(
      { seed: Type.Array(OpShare), final: Type.Array(OpShare) },
      { additionalProperties: false },
    ),
  },
  { $id: 'Report', additionalProperties: false },
);
export type Report = Static<typeof Report>;
