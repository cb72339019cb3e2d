import type { Database } from '../open-database.js';

/** Where a latency table comes from. Times are RFC 3339. */
export interface TableProvenance {
  readonly sessions: number;
  readonly firstSessionAt: string | null;
  readonly lastSessionAt: string | null;
}

/** Sessions behind the latency table of an environment. */
export class TableProvenanceRepository {
  private readonly sessionsOf;

  constructor(db: Database) {
    this.sessionsOf = db.prepare<
      [number],
      { sessions: number; firstMs: number | null; lastMs: number | null }
    >(
      `SELECT count(*) AS sessions, min(started_at_ms) AS firstMs, max(ended_at_ms) AS lastMs
       FROM session WHERE environment_id = ?`,
    );
  }

  /** @param environmentId null: no worker has described the device, so there is no session */
  of(environmentId: number | null): TableProvenance {
    const row = environmentId === null ? undefined : this.sessionsOf.get(environmentId);
    const time = (ms: number | null | undefined): string | null =>
      ms == null ? null : new Date(ms).toISOString();
    return {
      sessions: row?.sessions ?? 0,
      firstSessionAt: time(row?.firstMs),
      lastSessionAt: time(row?.lastMs),
    };
  }
}
