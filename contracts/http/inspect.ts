import { type Static, Type } from 'typebox';
import { Candidate } from '../candidate.js';

/** `[height, width, channels]`. */
const ShapeView = Type.Array(Type.Integer(), { minItems: 3, maxItems: 3 });

export const InspectRequest = Type.Object(
  { candidate: Candidate },
  { $id: 'InspectRequest', additionalProperties: false },
);
export type InspectRequest = Static<typeof InspectRequest>;

/** What a candidate is, computed from its graph alone. */
export const InspectView = Type.Object(
  {
    name: Type.String(),
    /** SHA-256 of the graph; names are no part of it. */
    networkHash: Type.String(),
    inputShape: ShapeView,
    outputShape: ShapeView,
    /** Multiply–accumulates of one image. */
    macs: Type.Integer(),
    /** Trainable parameters. */
    params: Type.Integer(),
    peakActivationBytes: Type.Integer(),
    /** Fused units as a runtime executes them, by key, in order of first execution. */
    ops: Type.Array(
      Type.Object({
        key: Type.String(),
        kind: Type.String(),
        count: Type.Integer(),
        /** Of one of them. */
        macs: Type.Integer(),
        outputShape: ShapeView,
        /** Ids of the nodes that it covers, over all occurrences. */
        nodes: Type.Array(Type.String()),
      }),
    ),
    layers: Type.Array(
      Type.Object({
        id: Type.String(),
        op: Type.String(),
        inputs: Type.Array(Type.String()),
        outputShape: ShapeView,
        macs: Type.Integer(),
        params: Type.Integer(),
      }),
    ),
    /** Channel dimensions that must stay equal: what NetAdapt shrinks as one. */
    widthGroups: Type.Array(
      Type.Object({
        id: Type.String(),
        width: Type.Integer(),
        frozen: Type.Boolean(),
        frozenBecause: Type.Optional(Type.String()),
        producers: Type.Array(Type.String()),
      }),
    ),
  },
  { $id: 'InspectView' },
);
export type InspectView = Static<typeof InspectView>;
