import type { Database } from '../open-database.js';
import { type JobRow, SELECT_JOB, type StoredJob, toJobRow } from './job-row.js';
import { waitingInTurn } from './turns.js';

export interface Counted {
  /** All of them; the rows may be fewer. */
  readonly total: number;
  readonly jobs: readonly JobRow[];
}

/** Jobs that are not finished, those first that come first. */
export class UnfinishedJobs {
  constructor(private readonly db: Database) {}

  /** Jobs in hand, the longest first. */
  running(filter: { readonly device?: string; readonly limit: number }): Counted {
    return this.read(
      `SELECT id, count(*) OVER () AS total FROM job
       WHERE status <> 'finished' AND status <> 'queued' AND ${OF_DEVICE} ORDER BY started_at_ms, seq LIMIT :limit`,
      filter,
    );
  }

  /** Waiting jobs of all queues, the next ones of each first. */
  waiting(filter: { readonly device?: string; readonly limit: number }): Counted {
    return this.read(
      `WITH ${waitingInTurn()}
       SELECT id, count(*) OVER () AS total FROM waiting
       WHERE ${OF_DEVICE} ORDER BY ahead, priority DESC, seq LIMIT :limit`,
      filter,
    );
  }

  private read(
    sql: string,
    { device = null, limit }: { readonly device?: string | null; readonly limit: number },
  ): Counted {
    const found = this.db.prepare<[object], { id: string; total: number }>(sql).all({ device, limit });
    const byId = this.db.prepare<[string], StoredJob>(`${SELECT_JOB} WHERE id = ?`);
    return { total: found[0]?.total ?? 0, jobs: found.map(({ id }) => toJobRow(byId.get(id)!)) };
  }
}

const OF_DEVICE = '(:device IS NULL OR device = :device)';
