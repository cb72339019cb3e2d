import { join } from 'node:path';
import { type Database, openDatabase } from '../../db/open-database.js';

export interface JobInFlight {
  readonly id: string;
  readonly kind: 'measure' | 'train';
  /** Of the worker that holds it. */
  readonly workerPid: number;
}

/** Both ends belong to it; milliseconds since 1970. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What a data directory's database tells of the work on a run, read beside the service. */
export class RunLedger {
  private readonly db: Database;

  constructor(dataDirectory: string) {
    this.db = openDatabase(join(dataDirectory, 'lutra.db'));
  }

  close(): void {
    this.db.close();
  }

  /** Jobs that a worker holds now, or held when it died. */
  inFlight(): readonly JobInFlight[] {
    return this.rows<{ id: string; kind: JobInFlight['kind']; worker: string }>(
      `SELECT id, kind, worker FROM job WHERE status IN ('leased', 'running')`,
    ).map(({ id, kind, worker }) => ({ id, kind, workerPid: Number(worker.split('/').at(-1)) }));
  }

  /** Whether a worker held the job at any time of one of these. */
  wasHeld(jobId: string, spans: readonly TimeSpan[]): boolean {
    const events = this.rows<{ type: string; atMs: number }>(
      `SELECT type, at_ms AS atMs FROM job_event
       WHERE job_id = ? AND type IN ('leased', 'requeued', 'finished') ORDER BY id`,
      jobId,
    );
    return events.some(({ type, atMs: fromMs }, i) => {
      const untilMs = events[i + 1]?.atMs ?? Number.POSITIVE_INFINITY;
      return type === 'leased' && spans.some((span) => fromMs <= span.untilMs && untilMs >= span.fromMs);
    });
  }

  iterations(): number {
    return this.number(`SELECT count(*) FROM adaptation_event WHERE type = 'chosen'`);
  }

  runEnded(): boolean {
    return this.number(`SELECT count(*) FROM adaptation WHERE status NOT IN ('queued', 'running')`) > 0;
  }

  trainings(): number {
    return this.number(`SELECT count(*) FROM job WHERE kind = 'train'`);
  }

  /** Sequence numbers of the run's events, in the order in which they are read. */
  eventSeqs(): readonly number[] {
    return this.rows<{ seq: number }>('SELECT seq FROM adaptation_event ORDER BY seq').map(({ seq }) => seq);
  }

  /** How jobs ended, and how often. */
  outcomes(): readonly { readonly status: string; readonly outcome: string | null }[] {
    return this.rows('SELECT DISTINCT status, outcome FROM job');
  }

  /** Jobs that were claimed more than once, sessions that were rejected apart. */
  repeatedJobs(): readonly string[] {
    return this.rows<{ id: string }>(
      `SELECT id FROM job WHERE attempts > 1
         AND attempts > 1 + (SELECT count(*) FROM session WHERE job_id = job.id AND verdict = 'rejected')`,
    ).map(({ id }) => id);
  }

  /** What the log of a job says, for people. */
  story(jobId: string): string {
    return this.rows<{ type: string; data: string }>(
      `SELECT type, data FROM job_event WHERE job_id = ? AND type <> 'progress' ORDER BY id`,
      jobId,
    )
      .map(({ type, data }) => `${type} ${data}`)
      .join(', ');
  }

  /** Jobs whose event log has not exactly one end, and that as its last entry. */
  jobsWithoutOneEnd(): readonly unknown[] {
    return this.rows(
      `SELECT job.id, group_concat(type) AS events FROM job LEFT JOIN job_event ON job_event.job_id = job.id
       GROUP BY job.id
       HAVING sum(type = 'finished') <> 1 OR max(job_event.id) <> max(job_event.id) FILTER (WHERE type = 'finished')`,
    );
  }

  jobsWithTwoSessions(): readonly unknown[] {
    return this.rows(
      `SELECT job_id, count(*) FROM session WHERE verdict <> 'rejected' GROUP BY job_id HAVING count(*) > 1`,
    );
  }

  subjectsMeasuredTwice(): readonly unknown[] {
    return this.rows(
      `SELECT session_id, subject_kind, op_id, network_hash, count(*) FROM measurement
       GROUP BY session_id, subject_kind, op_id, network_hash HAVING count(*) > 1`,
    );
  }

  opsMeasuredTwice(): readonly unknown[] {
    return this.rows(
      `SELECT op_id, count(*) FROM measurement WHERE op_id IS NOT NULL AND verdict <> 'rejected'
       GROUP BY op_id HAVING count(*) > 1`,
    );
  }

  queued(): number {
    return this.number('SELECT count(*) FROM queue_entry');
  }

  /** Pages that SQLite finds damaged. */
  damage(): readonly unknown[] {
    return this.rows<{ integrity_check: string }>('PRAGMA integrity_check').filter(
      ({ integrity_check }) => integrity_check !== 'ok',
    );
  }

  private rows<Row>(sql: string, ...parameters: readonly string[]): readonly Row[] {
    return this.db.prepare<string[], Row>(sql).all(...parameters);
  }

  private number(sql: string): number {
    return this.db.prepare<[], number>(sql).pluck().get()!;
  }
}
