import type {
  DatasetSpec,
  JobOutcome,
  MeasurePayload,
  TrainerName,
  TrainPayload,
} from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import { createOnce, type Idempotency } from '../idempotent.js';
import { newId } from '../new-id.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { type JobEventRow, JobEvents, type JobEventType } from './job-events.js';
import { type JobFilter, jobPage } from './job-page.js';
import { type JobKind, type JobRow, SELECT_JOB, type StoredJob, toJobRow } from './job-row.js';
import { waitingInTurn } from './turns.js';

export interface NewJob {
  readonly kind: JobKind;
  /** `device.<name>` or `train`. */
  readonly queue: string;
  /** Higher runs first. */
  readonly priority: number;
  readonly payload: MeasurePayload | TrainPayload;
  readonly submittedBy?: string;
  readonly adaptationId?: string;
}

/** How a job ended. */
export interface JobEnd {
  readonly outcome: JobOutcome;
  readonly message?: string | null;
  readonly result?: JobRow['result'];
}

/** Jobs of one queue, as their rows have it. */
export interface QueueDepth {
  readonly waiting: number;
  readonly leased: number;
}

/** A job whose lease ran out waits. */
export const COUNT_QUEUES = `
  SELECT queue, count(*) - sum(held) AS waiting, sum(held) AS leased
  FROM (SELECT queue, status <> 'queued' AND coalesce(lease_until_ms, 0) > :now AS held
        FROM job WHERE status <> 'finished')
  GROUP BY queue`;

/** What a queue that does not know the job has to be told. */
export interface UnfinishedJob extends Pick<JobRow, 'id' | 'queue' | 'priority' | 'status' | 'attempts'> {
  /** Who takes turns with others. */
  readonly submitter: string | null;
}

/** A run takes its turns apart from whoever started it, as one submitter. */
export function submitterOf({
  adaptationId,
  submittedBy,
}: Pick<JobRow, 'adaptationId' | 'submittedBy'>): string | null {
  return adaptationId ?? submittedBy;
}

/** Jobs and their events. What happens under a lease is in `job-leases.ts`. */
export class JobRepository {
  private readonly log: JobEvents;
  private readonly byId;
  private readonly underWay;
  private readonly trainQueues;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.log = new JobEvents(db, now);
    this.byId = db.prepare<[string], StoredJob>(`${SELECT_JOB} WHERE id = ?`);
    // Workers ask while they wait: one step of the index for each queue, however many jobs wait there.
    this.trainQueues = db.prepare<[], { queue: string; dataset: string; trainer: TrainerName }>(
      `WITH RECURSIVE name (queue) AS (
         SELECT min(queue) FROM job WHERE status <> 'finished' AND queue >= 'train' AND queue < 'train/'
         UNION ALL
         SELECT (SELECT min(job.queue) FROM job
                 WHERE status <> 'finished' AND job.queue > name.queue AND job.queue < 'train/')
         FROM name WHERE name.queue IS NOT NULL)
       SELECT name.queue, json_extract(payload, '$.dataset') AS dataset, json_extract(payload, '$.trainer') AS trainer
       FROM name JOIN job ON job.seq = (SELECT seq FROM job
                                        WHERE job.queue = name.queue AND status <> 'finished' LIMIT 1)`,
    );
    this.underWay = db
      .prepare<[string], number>(
        `SELECT coalesce(sum(json_extract(progress, '$.done')), 0) FROM job
         WHERE adaptation_id = ? AND kind = 'train' AND status = 'running'`,
      )
      .pluck();
  }

  /**
   * Stores a job as queued. It has yet to be put into a queue: `services/lease/submit-job.ts` does both.
   * @throws LutraError `idempotency-mismatch`
   */
  create(job: NewJob, idempotency?: Idempotency): JobRow {
    return this.createAll([job], idempotency)[0]!;
  }

  /**
   * Stores the jobs of one request: all of them, or none.
   * @throws LutraError `idempotency-mismatch`
   */
  createAll(jobs: readonly NewJob[], idempotency?: Idempotency): readonly JobRow[] {
    const insert = () => jobs.map((job) => this.insert(job));
    return write(this.db, () => {
      const ids = idempotency === undefined ? insert() : createOnce(this.db, idempotency, this.now(), insert);
      return ids.map((id) => this.get(id));
    });
  }

  find(id: string): JobRow | undefined {
    const stored = this.byId.get(id);
    return stored && toJobRow(stored);
  }

  /** @throws LutraError `not-found` */
  get(id: string): JobRow {
    const job = this.find(id);
    if (job === undefined) throw new LutraError('not-found', `there is no job ${id}`);
    return job;
  }

  /** Optimisation steps that the running training jobs of an adaptation have done so far. */
  stepsUnderWay(adaptationId: string): number {
    return this.underWay.get(adaptationId)!;
  }

  /** The latest first. */
  list(filter: JobFilter): readonly JobRow[] {
    const { rows, parameters } = jobPage(filter);
    return this.db.prepare<[object], StoredJob>(rows).all(parameters).map(toJobRow);
  }

  /** All unfinished jobs; only what stands in a row before its networks, which are long to read past. */
  unfinishedInQueues(): readonly { readonly jobId: string; readonly queue: string }[] {
    return this.db
      .prepare<[], { jobId: string; queue: string }>(
        "SELECT id AS jobId, queue FROM job WHERE status <> 'finished'",
      )
      .all();
  }

  /** In order of arrival. */
  unfinished(): readonly UnfinishedJob[] {
    return this.db
      .prepare<[], UnfinishedJob>(
        `SELECT id, queue, priority, status, attempts, coalesce(adaptation_id, submitted_by) AS submitter
         FROM job WHERE status <> 'finished' ORDER BY seq`,
      )
      .all();
  }

  /** What waits and what is held, by queue; queues without an unfinished job are left out. */
  depths(): ReadonlyMap<string, QueueDepth> {
    const rows = this.db
      .prepare<[object], QueueDepth & { queue: string }>(COUNT_QUEUES)
      .all({ now: this.now() });
    return new Map(rows.map(({ queue, waiting, leased }) => [queue, { waiting, leased }]));
  }

  /**
   * Since when there is nothing to do: the latest end of a job; −∞ when there never was one, +∞ while one is unfinished.
   */
  idleSinceMs(): number {
    const sinceMs = this.db
      .prepare<[], number | null>(
        `SELECT CASE WHEN EXISTS (SELECT 1 FROM job WHERE status <> 'finished') THEN 9e15 ELSE
           (SELECT max(finished_at_ms) FROM (SELECT finished_at_ms FROM job ORDER BY seq DESC LIMIT 100)) END`,
      )
      .pluck()
      .get();
    if (sinceMs === null || sinceMs === undefined) return Number.NEGATIVE_INFINITY;
    return sinceMs === 9e15 ? Number.POSITIVE_INFINITY : sinceMs;
  }

  /** When a noise check was last asked for, among the latest jobs; −∞ when it never was. */
  noiseCheckAskedAtMs(queue: string): number {
    const atMs = this.db
      .prepare<[string], number | null>(
        `SELECT max(created_at_ms) FROM (SELECT * FROM job WHERE kind = 'measure' ORDER BY seq DESC LIMIT 1000)
         WHERE queue = ? AND json_extract(payload, '$.aim') = 'noise-check'`,
      )
      .pluck()
      .get(queue);
    return atMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Queues of unfinished training jobs, each with the data set and engine that all its jobs use. */
  trainingQueues(): readonly {
    readonly queue: string;
    readonly dataset: DatasetSpec;
    readonly trainer: TrainerName;
  }[] {
    return this.trainQueues
      .all()
      .map(({ dataset, ...queue }) => ({ ...queue, dataset: JSON.parse(dataset) as DatasetSpec }));
  }

  /** Says of jobs that wait, and of which nothing was said yet, what for. */
  noteWaiting(queue: string, message: string): void {
    const silent = "queue = ? AND status <> 'finished' AND status = 'queued' AND message IS NULL";
    if (this.db.prepare<[string]>(`SELECT 1 FROM job WHERE ${silent}`).get(queue) === undefined) return;
    write(this.db, () => {
      this.db.prepare(`UPDATE job SET message = ? WHERE ${silent}`).run(message, queue);
    });
  }

  /**
   * How many waiting jobs of the same queue come before each of these: those of higher priority, and among equals those
   * of earlier turns. Submitters' turns are counted from what runs and waits now. The queue alone knows whose turn was
   * served last, and which turns went to jobs that were cancelled: by those its order may differ.
   * @returns by job id; jobs that do not wait are left out
   */
  waitingAhead(jobs: readonly Pick<JobRow, 'id' | 'queue'>[]): ReadonlyMap<string, number> {
    const ids = JSON.stringify(jobs.map(({ id }) => id));
    const queues = JSON.stringify([...new Set(jobs.map(({ queue }) => queue))]);
    const ahead = this.db
      .prepare<[object], { id: string; ahead: number }>(
        `WITH ${waitingInTurn('queue IN (SELECT value FROM json_each(:queues))')}
         SELECT id, ahead FROM waiting WHERE id IN (SELECT value FROM json_each(:ids))`,
      )
      .all({ ids, queues });
    return new Map(ahead.map(({ id, ahead: count }) => [id, count]));
  }

  /**
   * Ends a job. A finished job stays as it ended.
   * @param leaseToken the claim that ends it; null fences off whoever holds it
   */
  finish(
    id: string,
    { outcome, message = null, result = null }: JobEnd,
    leaseToken: number | null = null,
  ): JobRow {
    return write(this.db, () => {
      const ended = this.db
        .prepare(
          `UPDATE job SET status = 'finished', outcome = ?, message = ?, result = ?, finished_at_ms = ?,
             lease_token = ?
           WHERE id = ? AND status <> 'finished'`,
        )
        .run(outcome, message, result === null ? null : JSON.stringify(result), this.now(), leaseToken, id);
      if (ended.changes === 1) this.log.append(id, 'finished', { outcome, message });
      return this.get(id);
    });
  }

  /** Notes that someone wants the job to stop. */
  requestCancel(id: string): JobRow {
    return write(this.db, () => {
      const noted = this.db
        .prepare(
          `UPDATE job SET cancel_requested = 1 WHERE id = ? AND status <> 'finished' AND cancel_requested = 0`,
        )
        .run(id);
      if (noted.changes === 1) this.log.append(id, 'cancel-requested');
      return this.get(id);
    });
  }

  /** Events of a job with a larger id, oldest first; 0 for all. */
  events(jobId: string, afterId: number): readonly JobEventRow[] {
    return this.log.list(jobId, afterId);
  }

  /** @returns the event's id */
  appendEvent(jobId: string, type: JobEventType, data?: Readonly<Record<string, unknown>>): number {
    return write(this.db, () => this.log.append(jobId, type, data));
  }

  private insert(job: NewJob): string {
    const id = newId('job', this.now());
    this.db
      .prepare(
        `INSERT INTO job (id, kind, queue, priority, status, device, payload, submitted_by, adaptation_id, created_at_ms)
         VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        job.kind,
        job.queue,
        job.priority,
        job.payload.kind === 'measure' ? job.payload.device : null,
        JSON.stringify(job.payload),
        job.submittedBy ?? null,
        job.adaptationId ?? null,
        this.now(),
      );
    this.log.append(id, 'queued', { queue: job.queue });
    return id;
  }
}
