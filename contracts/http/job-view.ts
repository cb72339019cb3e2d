import { type Static, Type } from 'typebox';
import { JobOutcome, JobProgress, JobStatus, MeasureResult, TrainResult } from '../job.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const JobKind = Type.Union([Type.Literal('measure'), Type.Literal('train')]);
export type JobKind = Static<typeof JobKind>;

/** Why a queued job has not started. */
export const WaitsFor = Type.Object({
  reason: Type.Union([
    Type.Literal('jobs-ahead'),
    Type.Literal('device-drained'),
    Type.Literal('device-quarantined'),
    Type.Literal('no-worker-seen'),
    Type.Literal('worker'),
  ]),
  /** Waiting jobs that come first, as submitters' turns go from now on; later arrivals may come in between. */
  jobsAhead: Type.Integer(),
  /** For people. */
  detail: Type.String(),
});
export type WaitsFor = Static<typeof WaitsFor>;

/** `GET /jobs/:id`. Where a job is (`status`) stands apart from how it ended (`outcome`). */
export const JobView = Type.Object(
  {
    id: Type.String(),
    kind: JobKind,
    /** Null for training jobs, which any trainer takes, and until a device of the wanted class has claimed it. */
    device: Nullable(Type.String()),
    /** What it is about, for people: the network's name, or how many ops. */
    subject: Type.String(),
    status: JobStatus,
    /** Null until finished. */
    outcome: Nullable(JobOutcome),
    /** Why it failed, for people. */
    message: Nullable(Type.String()),
    /** Null unless queued. */
    waitsFor: Nullable(WaitsFor),
    progress: Nullable(JobProgress),
    /** Null until finished; a failed job may have one, holding what was measured before. */
    result: Nullable(Type.Union([MeasureResult, TrainResult])),
    priority: Type.Integer(),
    attempts: Type.Integer(),
    worker: Nullable(Type.String()),
    /**
     * Name of the token that it came with; `local` for this machine without one; null for noise checks that the service
     * makes by itself, and for jobs of earlier versions.
     */
    submittedBy: Nullable(Type.String()),
    adaptationId: Nullable(Type.String()),
    createdAtMs: Type.Number(),
    startedAtMs: Nullable(Type.Number()),
    finishedAtMs: Nullable(Type.Number()),
  },
  { $id: 'JobView' },
);
export type JobView = Static<typeof JobView>;

/** Filters of `GET /jobs`; newest first. */
export const JobListQuery = Type.Object(
  {
    status: Type.Optional(JobStatus),
    /** True: all that are not finished. */
    unfinished: Type.Optional(Type.Boolean()),
    outcome: Type.Optional(JobOutcome),
    kind: Type.Optional(JobKind),
    device: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    adaptation: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    /** `next` of the page before. */
    before: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type JobListQuery = Static<typeof JobListQuery>;

/** One page of jobs; results are left out (`GET /jobs/:id` has them). */
export const JobList = Type.Object(
  {
    jobs: Type.Array(JobView),
    /** Pass as `before` for the next page; null at the end. */
    next: Nullable(Type.String()),
  },
  { $id: 'JobList' },
);
export type JobList = Static<typeof JobList>;
