import type { ChangeEvent } from '../../contracts/http/change-event.js';
import type { Database } from '../open-database.js';

export interface ChangeRow extends ChangeEvent {
  /** Grows over everything; what a live stream resumes from. */
  readonly id: number;
}

/** The log of what changed. Triggers write it: see db/migrations/0013_changes.sql. */
export class ChangeLog {
  private readonly after;
  private readonly ends;

  constructor(db: Database) {
    this.after = db.prepare<[number, number], Omit<ChangeRow, 'data'> & { data: string }>(
      'SELECT id, at_ms AS atMs, kind, ref, type, data FROM change WHERE id > ? ORDER BY id LIMIT ?',
    );
    this.ends = db.prepare<[], { first: number; last: number }>(
      'SELECT coalesce(min(id), 0) AS first, coalesce(max(id), 0) AS last FROM change',
    );
  }

  /** Changes with a larger id, oldest first. */
  list(afterId: number, limit = 1000): readonly ChangeRow[] {
    return this.after
      .all(afterId, limit)
      .map((row) => ({ ...row, data: JSON.parse(row.data) as ChangeRow['data'] }));
  }

  /** Id of the latest change; 0 before any. */
  lastId(): number {
    return this.ends.get()!.last;
  }

  /** Whether everything after this id is still there. */
  reachesBackTo(id: number): boolean {
    const { first, last } = this.ends.get()!;
    return id >= first - 1 && id <= last;
  }
}
