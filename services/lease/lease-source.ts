import type { JobOutcome, JobProgress, TrainPayload, TrainResult } from '../../contracts/job.js';
import type { MeasurementPlan, SessionReport } from '../../contracts/measurement.js';
import type { HeartbeatAnswer, Lease } from '../../queue/job-queue.js';

/** A claimed job, with all that is needed to do it. */
export type LeasedWork =
  | {
      readonly kind: 'measure';
      readonly lease: Lease;
      /** What the table lacks *now*, the networks, and the device's anchor. */
      readonly plan: MeasurementPlan;
    }
  | { readonly kind: 'train'; readonly lease: Lease; readonly payload: TrainPayload };

export type WorkReport =
  | { readonly kind: 'measure'; readonly report: SessionReport }
  | { readonly kind: 'train'; readonly result: TrainResult };

export interface WorkFailure {
  readonly outcome: Exclude<JobOutcome, 'ok' | 'cancelled'>;
  readonly message: string;
  /** True for causes in the device or harness, never for causes in the job itself. */
  readonly retry: boolean;
}

/**
 * Where a worker gets work and hands it in: the one contract that local (SQLite), Redis and HTTP workers share.
 * The supervisor calls it, never the measuring or training child.
 */
export interface LeaseSource {
  /** The next job, or null when there is none now. */
  claim(): Promise<LeasedWork | null>;
  /** Renews the lease and reports progress. Must be called at least every third of the lease's length. */
  heartbeat(lease: Lease, progress?: JobProgress): Promise<HeartbeatAnswer>;
  /** Commits the result in one transaction, then tells the queue. `lost`: refused, nothing was stored. */
  complete(lease: Lease, report: WorkReport): Promise<'committed' | 'lost'>;
  /** Stores a failure; queued again when it may be retried and failed less than three times. */
  fail(lease: Lease, failure: WorkFailure): Promise<'committed' | 'retried' | 'lost'>;
  /** Hands the job back unharmed (shutdown, drain). */
  release(lease: Lease): Promise<void>;
  /** Confirms a cancel that a heartbeat announced, after the work has stopped. `retried`: nobody had asked for it. */
  cancelled(lease: Lease): Promise<'committed' | 'retried' | 'lost'>;
  /** Content-addressed bytes (weights). @throws LutraError `not-found` */
  readBlob(sha256: string): Promise<Uint8Array>;
  /** @returns the SHA-256, hex */
  writeBlob(bytes: Uint8Array): Promise<string>;
}
