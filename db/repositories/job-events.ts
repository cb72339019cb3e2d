import type { Database } from '../open-database.js';

export type JobEventType =
  | 'queued'
  | 'leased'
  | 'progress'
  /** Back in the queue: another attempt after a failure, or handed back unharmed. */
  | 'requeued'
  | 'cancel-requested'
  /** Came under a lease that had gone to another worker, or ended: nothing of it was stored. May follow `finished`. */
  | 'refused'
  | 'finished';

export interface JobEventRow {
  /** Grows over all jobs; what a live stream resumes from. */
  readonly id: number;
  readonly jobId: string;
  readonly atMs: number;
  readonly type: JobEventType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What happened to jobs. Written in the transaction of the change that it tells of. */
export class JobEvents {
  private readonly insert;
  private readonly after;

  constructor(
    db: Database,
    private readonly now: () => number,
  ) {
    this.insert = db.prepare('INSERT INTO job_event (job_id, at_ms, type, data) VALUES (?, ?, ?, ?)');
    this.after = db.prepare<[string, number], Omit<JobEventRow, 'data'> & { data: string }>(
      `SELECT id, job_id AS jobId, at_ms AS atMs, type, data FROM job_event
       WHERE job_id = ? AND id > ? ORDER BY id`,
    );
  }

  append(
    jobId: string,
    type: JobEventType,
    data: Readonly<Record<string, unknown>> = {},
    atMs = this.now(),
  ): number {
    return Number(this.insert.run(jobId, atMs, type, JSON.stringify(data)).lastInsertRowid);
  }

  /** Events of a job with a larger id, oldest first. */
  list(jobId: string, afterId: number): readonly JobEventRow[] {
    return this.after
      .all(jobId, afterId)
      .map((row) => ({ ...row, data: JSON.parse(row.data) as JobEventRow['data'] }));
  }
}
