import { type Static, Type } from 'typebox';
import {
  DatasetSpec,
  JobOutcome,
  type JobProgress,
  MAX_LEASE_MS,
  TrainerName,
  TrainPayload,
  TrainResult,
} from '../job.js';
import { MeasurementPlan, SessionReport } from '../measurement.js';
import { DeviceName } from './device-view.js';

/**
 * Work for devices and trainers that reach nothing but the api: browsers, boards behind a firewall, machines elsewhere.
 * Every route wants the scope `device`. In order:
 *
 * 1. `POST /devices` registers the device (`runtime`, `threads`, `dtype`), once, and after every change of these.
 * 2. `PUT /devices/:name/environment` says what the device is; after every start. Its table hangs on it.
 * 3. `POST /leases` asks for work and may wait for it: 200 with a lease, 204 when there was none. Ask again at once: a
 *    device that has not asked for 20 seconds counts as offline.
 * 4. `PUT /leases/:id` renews the lease and tells progress, at least every third of `leaseMs`, for as long as the work
 *    runs. `cancelled`: stop, and hand in `{kind: 'cancelled'}`. 409 `lease-lost`: stop, the work is another's now. One
 *    that crosses the own result is answered as held.
 * 5. `POST /leases/:id/result` hands in how it ended. Sent twice, it counts once: after a broken connection send it
 *    again, until an answer comes. 409 `lease-lost`: nothing was stored.
 * 6. `DELETE /leases/:id` hands unfinished work back unharmed, e.g. when the page is closed.
 */

/** `POST /leases`. With neither `device` nor `datasets` there is nothing to ask for. */
export const LeaseRequest = Type.Object(
  {
    /** Name of the worker, for people: shown with the job. */
    worker: Type.String({ minLength: 1, maxLength: 100 }),
    /** The device to measure on; it must be registered. */
    device: Type.Optional(DeviceName),
    /** Data sets at hand, to train on. */
    datasets: Type.Optional(Type.Array(DatasetSpec, { maxItems: 100 })),
    /** Engines at hand, to train with. Default: onnxruntime. */
    trainers: Type.Optional(Type.Array(TrainerName, { maxItems: 10 })),
    /** How long to wait for work. Default 0. */
    waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 30_000 })),
    /** The lease ends this long after its last renewal. Default 10,000. */
    leaseMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: MAX_LEASE_MS })),
  },
  { $id: 'LeaseRequest', additionalProperties: false },
);
export type LeaseRequest = Static<typeof LeaseRequest>;

const leased = {
  /** For the paths below; opaque. */
  id: Type.String(),
  jobId: Type.String(),
  /** 1 for the first; counts claims that were not handed back, those of workers that vanished among them. */
  attempt: Type.Integer(),
  leaseMs: Type.Integer(),
};

/** 200 of `POST /leases`: a job, with all that is needed to do it. */
export const LeaseView = Type.Union(
  [
    Type.Object({ ...leased, kind: Type.Literal('measure'), plan: MeasurementPlan }),
    /** Weights are fetched from `GET /blobs/:sha256`. */
    Type.Object({ ...leased, kind: Type.Literal('train'), payload: TrainPayload }),
  ],
  { $id: 'LeaseView' },
);
export type LeaseView = Static<typeof LeaseView>;

const Duration = Type.Number({ minimum: 0, maximum: 1e9 });

/** `PUT /leases/:id`. */
export const LeaseRenewal = Type.Object(
  {
    progress: Type.Optional(
      Type.Object(
        {
          done: Type.Number({ minimum: 0, maximum: 1e9 }),
          total: Type.Number({ minimum: 0, maximum: 1e9 }),
          note: Type.Optional(Type.String({ maxLength: 200 })),
          latencyMs: Type.Optional(Duration),
          interval: Type.Optional(
            Type.Object(
              { lowMs: Duration, highMs: Duration, level: Type.Number({ minimum: 0, maximum: 1 }) },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { $id: 'LeaseRenewal', additionalProperties: false },
);
export type LeaseRenewal = { readonly progress?: JobProgress };

export const LeaseState = Type.Object(
  {
    /** `cancelled`: still held, but someone asked the job to stop. */
    state: Type.Union([Type.Literal('held'), Type.Literal('cancelled')]),
    leaseMs: Type.Integer(),
  },
  { $id: 'LeaseState' },
);
export type LeaseState = Static<typeof LeaseState>;

/** Characters of what is said of a failure. */
export const MAX_FAILURE_MESSAGE = 2_000;

/** `POST /leases/:id/result`: up to 32 MB, since a session's raw samples belong to its report. */
export const LeaseResult = Type.Union(
  [
    Type.Object({ kind: Type.Literal('measure'), report: SessionReport }, { additionalProperties: false }),
    /** The weights were stored before, with `PUT /blobs/:sha256`. */
    Type.Object({ kind: Type.Literal('train'), result: TrainResult }, { additionalProperties: false }),
    Type.Object(
      {
        kind: Type.Literal('failure'),
        outcome: JobOutcome,
        message: Type.String({ maxLength: MAX_FAILURE_MESSAGE }),
        /** True for causes in the device or harness, never for causes in the job itself. */
        retry: Type.Boolean(),
      },
      { additionalProperties: false },
    ),
    /** The work has stopped, as a renewal asked. */
    Type.Object({ kind: Type.Literal('cancelled') }, { additionalProperties: false }),
  ],
  { $id: 'LeaseResult' },
);
export type LeaseResult = Static<typeof LeaseResult>;

export const LeaseEnd = Type.Object(
  {
    /** `retried`: the failure may have been the device's, or nobody asked to cancel, so the job waits for another attempt. */
    answer: Type.Union([Type.Literal('committed'), Type.Literal('retried')]),
  },
  { $id: 'LeaseEnd' },
);
export type LeaseEnd = Static<typeof LeaseEnd>;
