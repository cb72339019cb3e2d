import { type Static, Type } from 'typebox';
import { AdaptationStatus, AdaptationView } from '../adaptation.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** 202 of `POST /adaptations`, cancel and resume; `Location` names the run. */
export const AdaptationAccepted = Type.Object({ adaptation: AdaptationView }, { $id: 'AdaptationAccepted' });
export type AdaptationAccepted = Static<typeof AdaptationAccepted>;

/** Filters of `GET /adaptations`; newest first. */
export const AdaptationListQuery = Type.Object(
  {
    status: Type.Optional(AdaptationStatus),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    /** `next` of the page before. */
    before: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type AdaptationListQuery = Static<typeof AdaptationListQuery>;

/** A run in a list: without its iterations, which `GET /adaptations/:id` has. */
export const AdaptationSummary = Type.Object(
  {
    id: Type.String(),
    status: AdaptationStatus,
    device: Type.String(),
    /** Name of the token that it came with; `local` for this machine without one. */
    submittedBy: Nullable(Type.String()),
    createdAtMs: Type.Number(),
    updatedAtMs: Type.Number(),
  },
  { $id: 'AdaptationSummary' },
);
export type AdaptationSummary = Static<typeof AdaptationSummary>;

export const AdaptationList = Type.Object(
  { adaptations: Type.Array(AdaptationSummary), next: Nullable(Type.String()) },
  { $id: 'AdaptationList' },
);
export type AdaptationList = Static<typeof AdaptationList>;

/** `GET /adaptations/:id/network`: which network of the run, and in which form. */
export const AdaptationNetworkQuery = Type.Object(
  {
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('onnx')])),
    which: Type.Optional(
      Type.Union([
        Type.Literal('final'),
        Type.Literal('seed'),
        Type.Literal('iteration'),
        Type.Literal('baseline'),
      ]),
    ),
    /** With `which=iteration`: its index. */
    index: Type.Optional(Type.Integer({ minimum: 0 })),
    /** With `which=baseline`: its name. */
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** In JSON: tensors as base64 (`inline`, the default), or only where to find them (`link`). */
    weights: Type.Optional(Type.Union([Type.Literal('inline'), Type.Literal('link')])),
    /** Of the ONNX model's input. Default 1. */
    batch: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
  },
  { additionalProperties: false },
);
export type AdaptationNetworkQuery = Static<typeof AdaptationNetworkQuery>;

/** A trained network as JSON: `network` can be sent back as a candidate, `weights.sha256` as an adaptation's seed. */
export const TrainedNetworkDocument = Type.Object(
  {
    networkHash: Type.String(),
    network: Type.Unknown(),
    weights: Type.Object({
      sha256: Type.String(),
      /** Path of the blob: all tensors in one file. */
      href: Type.String(),
      /** By weight name; little-endian float32, row-major, base64. */
      tensors: Type.Optional(
        Type.Record(
          Type.String(),
          Type.Object({ shape: Type.Array(Type.Integer()), dataBase64: Type.String() }),
        ),
      ),
    }),
  },
  { $id: 'TrainedNetworkDocument' },
);
export type TrainedNetworkDocument = Static<typeof TrainedNetworkDocument>;
