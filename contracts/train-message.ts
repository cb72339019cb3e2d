import { type Static, Type } from 'typebox';
import { TrainPayload, TrainResult } from './job.js';

/** Weights travel between a worker and its training child as base64 of the blob of `training/weights`. */
const Base64 = Type.String();

/** One job, as a JSON line on the training child's standard input. */
export const TrainOrder = Type.Object({
  payload: TrainPayload,
  /** Null: initialise from the payload's seed. */
  weights: Type.Union([Base64, Type.Null()]),
  teacherWeights: Type.Union([Base64, Type.Null()]),
});
export type TrainOrder = Static<typeof TrainOrder>;

/** What a training child writes to its message descriptor, a JSON line each. */
export const TrainMessage = Type.Union([
  /** Still there: sent while it waits for its core, opens a session or evaluates. */
  Type.Object({ type: Type.Literal('alive') }),
  Type.Object({
    type: Type.Literal('progress'),
    step: Type.Integer(),
    steps: Type.Integer(),
    lossNats: Type.Number(),
  }),
  Type.Object({
    type: Type.Literal('trained'),
    /** `weights` and `importance` are filled in by the worker, once it has stored the blobs. */
    result: Type.Omit(TrainResult, ['weights', 'importance']),
    weights: Base64,
    importance: Type.Optional(Type.Union([Base64, Type.Null()])),
  }),
  Type.Object({ type: Type.Literal('failed'), code: Type.String(), message: Type.String() }),
]);
export type TrainMessage = Static<typeof TrainMessage>;
