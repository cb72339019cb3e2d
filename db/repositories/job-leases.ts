import { type JobProgress, MAX_LEASE_MS } from '../../contracts/job.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { JobEvents } from './job-events.js';
import { type JobEnd, JobRepository } from './jobs.js';

/** A claim, as a queue gave it. */
export interface JobClaim {
  readonly jobId: string;
  readonly token: number;
  readonly attempt: number;
}

/**
 * Whether a claim finds the one before it lost: nobody reported under that or handed it back, and the queue counts it. A
 * queue that forgot it does not: then the queue cut it short, no worker vanished.
 */
const LOST_THE_LAST = "status <> 'queued' AND :attempt > attempts";

/** Who claims. */
export interface JobHolder {
  readonly worker: string;
  readonly device: string | null;
  readonly leaseMs: number;
}

/**
 * The fence of the system of record. A job's row holds the token of its latest claim; whatever a worker writes is
 * conditional on it, so that a worker which lost its lease changes nothing, whatever its queue believes.
 */
export class JobLeases {
  private readonly jobs: JobRepository;
  private readonly log: JobEvents;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.jobs = new JobRepository(db, now);
    this.log = new JobEvents(db, now);
  }

  /** How many workers one after the other the job has lost by the time of this claim, which is not in its row yet. */
  lostInARow({ jobId, attempt }: Pick<JobClaim, 'jobId' | 'attempt'>): number {
    return this.db
      .prepare<[object], number>(`SELECT lost_in_a_row + (${LOST_THE_LAST}) FROM job WHERE id = :jobId`)
      .pluck()
      .get({ jobId, attempt })!;
  }

  /**
   * Writes a claim into the job's row.
   * @param holder.device that the worker stands for; null for a trainer
   * @param grantedAtMs when the queue gave the lease, by which row and log tell its end
   * @returns `fenced` when the job is finished or a later claim stands there, `device-busy` when a worker holds another
   * job of the device: what runs on it at once is neither measured well
   */
  take(
    { jobId, token, attempt }: JobClaim,
    holder: JobHolder,
    grantedAtMs = this.now(),
  ): 'taken' | 'fenced' | 'device-busy' {
    const { worker, device, leaseMs } = holder;
    return write(this.db, () => {
      if (device !== null && this.isBusy(device, jobId)) return 'device-busy';
      const now = this.now();
      const taken = this.db
        .prepare(
          `UPDATE job SET status = 'leased', lease_token = :token, worker = :worker, attempts = :attempt,
             lost_in_a_row = lost_in_a_row + (${LOST_THE_LAST}),
             device = :device, lease_until_ms = :until, progress = NULL, message = NULL,
             started_at_ms = coalesce(started_at_ms, :now)
           WHERE id = :jobId AND status <> 'finished' AND (lease_token IS NULL OR lease_token < :token)`,
        )
        .run({ jobId, token, attempt, worker, device, now, until: grantedAtMs + leaseMs });
      if (taken.changes === 0) return 'fenced';
      // Leases of the device's other jobs ran out: what still comes in under them may be from beside this one.
      this.db
        .prepare(
          `UPDATE job SET lease_token = :token WHERE device = :device AND id <> :jobId AND status IN ('leased', 'running')`,
        )
        .run({ token, device, jobId });
      const held = { worker, attempt, ...(device === null ? {} : { device }) };
      this.log.append(jobId, 'leased', held, grantedAtMs);
      return 'taken';
    });
  }

  /** Whether some worker holds a job of the device, this one apart. */
  isBusy(device: string, exceptJobId: string | null = null): boolean {
    return (
      this.db
        .prepare(
          `SELECT 1 FROM job WHERE device = :device AND status IN ('leased', 'running') AND lease_until_ms > :now
             AND lease_until_ms <= :now + :longest
             AND id IS NOT :exceptJobId`,
        )
        .get({ device, exceptJobId, now: this.now(), longest: MAX_LEASE_MS }) !== undefined
    );
  }

  /** Whether the job is unfinished and this claim the one that stands in its row. */
  holds({ jobId, token }: JobClaim): boolean {
    return this.state({ jobId, token }) === 'held';
  }

  /** `ended`: this very claim finished the job. */
  state({ jobId, token }: Pick<JobClaim, 'jobId' | 'token'>): 'held' | 'ended' | 'lost' {
    const job = this.db
      .prepare<[string], { status: string; leaseToken: number | null }>(
        'SELECT status, lease_token AS leaseToken FROM job WHERE id = ?',
      )
      .get(jobId);
    if (job?.leaseToken !== token || job.status === 'queued') return 'lost';
    return job.status === 'finished' ? 'ended' : 'held';
  }

  /**
   * The work has begun and came so far; it is held for another `leaseMs`. `cancelled`: still held, but someone asked
   * the job to stop.
   * @param renewedAtMs no later than the queue renewed the lease
   */
  progress(
    claim: JobClaim,
    leaseMs: number,
    progress?: JobProgress,
    renewedAtMs = this.now(),
  ): 'held' | 'lost' | 'cancelled' {
    return write(this.db, () => {
      if (!this.holds(claim)) return 'lost';
      const { jobId } = claim;
      this.db.prepare('UPDATE job SET lease_until_ms = ? WHERE id = ?').run(renewedAtMs + leaseMs, jobId);
      const text = progress === undefined ? null : JSON.stringify(progress);
      const changed = this.db
        .prepare(
          `UPDATE job SET status = 'running', progress = coalesce(:text, progress)
           WHERE id = :jobId AND (status <> 'running' OR progress IS NOT coalesce(:text, progress))`,
        )
        .run({ jobId, text });
      if (changed.changes === 1) this.log.append(jobId, 'progress', { ...progress }, renewedAtMs);
      return this.jobs.get(jobId).cancelRequested ? 'cancelled' : 'held';
    });
  }

  /**
   * Back to queued, for another attempt, or unharmed for another worker: then this attempt does not count.
   * @returns false when the claim was lost
   */
  giveBack(claim: JobClaim, message: string, counts: boolean): boolean {
    return write(this.db, () => {
      if (!this.holds(claim)) return false;
      this.db
        .prepare(
          `UPDATE job SET status = 'queued', worker = NULL, progress = NULL, lease_until_ms = NULL, message = ?,
             attempts = attempts - ?, retries = retries + ?, lost_in_a_row = 0
           WHERE id = ?`,
        )
        .run(message, counts ? 0 : 1, counts ? 1 : 0, claim.jobId);
      this.log.append(claim.jobId, 'requeued', { message, attempt: claim.attempt });
      return true;
    });
  }

  /**
   * Notes that something came in under a lost claim; no more often than there were claims, whoever sends what.
   * @param what it was
   */
  noteRefused({ jobId }: Pick<JobClaim, 'jobId'>, what: string): void {
    write(this.db, () => {
      const { claims, refused } = this.db
        .prepare<[string], { claims: number; refused: number }>(
          `SELECT count(*) FILTER (WHERE type = 'leased') AS claims, count(*) FILTER (WHERE type = 'refused') AS refused
           FROM job_event WHERE job_id = ?`,
        )
        .get(jobId)!;
      if (refused < claims) this.log.append(jobId, 'refused', { what });
    });
  }

  /** @returns false when the claim was lost */
  finish(claim: JobClaim, end: JobEnd): boolean {
    return write(this.db, () => {
      if (!this.holds(claim)) return false;
      this.jobs.finish(claim.jobId, end, claim.token);
      return true;
    });
  }
}
