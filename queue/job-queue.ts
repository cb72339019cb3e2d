/** A job's place in a queue, held by one worker until `expiresAtMs` unless renewed. */
export interface Lease {
  readonly jobId: string;
  readonly queue: string;
  /** Fencing token: a larger token always means a later claim of the same job. */
  readonly token: number;
  /**
   * Counts claims of this job that were not released, whether they were retried or lost: 1 for the first. Who counts
   * what became of them is `db/repositories/job-leases.ts`.
   */
  readonly attempt: number;
  readonly expiresAtMs: number;
}

export interface QueuedJob {
  readonly jobId: string;
  /** `device.<name>` or `train`. */
  readonly queue: string;
  /**
   * Higher runs first, −100 to 100; default 0. Among equals submitters take turns, and the jobs of one submitter run in
   * order of arrival.
   */
  readonly priority?: number;
  /** Who takes turns; absent: one and the same. */
  readonly submitter?: string;
  /** Claims that count already, of a job that an earlier queue forgot. Default 0. */
  readonly attempts?: number;
}

export type HeartbeatAnswer = 'held' | 'lost' | 'cancelled';

/**
 * Carries job ids between processes; holds no truth (rows in SQLite do). Every adapter passes
 * `test/queue/queue-conformance.ts`.
 */
export interface JobQueue {
  /** Idempotent: a job id that is already waiting or leased stays as it is. */
  enqueue(job: QueuedJob): Promise<void>;
  /**
   * Ids of those jobs that are neither waiting nor leased here, or only by half: they were never enqueued, or forgotten.
   * Cheap for thousands: it is asked again and again.
   */
  unknown(jobs: readonly Pick<QueuedJob, 'jobId' | 'queue'>[]): Promise<readonly string[]>;
  /** The next job of one of the queues, or null when all are empty. Expired leases of other workers are up again. */
  claim(queues: readonly string[], worker: string, leaseMs: number): Promise<Lease | null>;
  /** Renews. `cancelled`: still held, but someone asked the job to stop. */
  heartbeat(lease: Lease, leaseMs: number): Promise<HeartbeatAnswer>;
  /** Takes the job out for good, after its result was committed. @returns false when the lease was lost */
  complete(lease: Lease): Promise<boolean>;
  /** Puts the job back for another attempt, e.g. after a device or harness failure. @returns false when lost */
  retry(lease: Lease, delayMs?: number): Promise<boolean>;
  /** Hands unfinished work back (drain, shutdown) without counting an attempt. @returns false when lost */
  release(lease: Lease): Promise<boolean>;
  /** Waiting: removed, answers `removed`. Leased: the holder hears `cancelled` at its next heartbeat. */
  cancel(jobId: string): Promise<'removed' | 'signalled' | 'absent'>;
  depth(): Promise<ReadonlyMap<string, { readonly waiting: number; readonly leased: number }>>;
}
