import type { Database } from '../open-database.js';

/** Counts for those who run the service; each a query over an index or a small table, but for the measurements. */
export class OperatingFigures {
  constructor(private readonly db: Database) {}

  jobsByOutcome(): readonly { readonly kind: string; readonly outcome: string; readonly jobs: number }[] {
    return this.db
      .prepare<[], { kind: string; outcome: string; jobs: number }>(
        `SELECT kind, coalesce(outcome, status) AS outcome, count(*) AS jobs FROM job GROUP BY 1, 2`,
      )
      .all();
  }

  /** @returns for each queue, since when its oldest job under a lease has been worked on */
  oldestLeases(): readonly { readonly queue: string; readonly sinceMs: number }[] {
    return this.db
      .prepare<[], { queue: string; sinceMs: number }>(
        `SELECT queue, min(coalesce(started_at_ms, created_at_ms)) AS sinceMs FROM job
         WHERE status IN ('leased', 'running') GROUP BY queue`,
      )
      .all();
  }

  measurementsByVerdict(): readonly {
    readonly subject: string;
    readonly verdict: string;
    readonly measurements: number;
  }[] {
    return this.db
      .prepare<[], { subject: string; verdict: string; measurements: number }>(
        'SELECT subject_kind AS subject, verdict, count(*) AS measurements FROM measurement GROUP BY 1, 2',
      )
      .all();
  }

  adaptationsByStatus(): readonly { readonly status: string; readonly adaptations: number }[] {
    return this.db
      .prepare<[], { status: string; adaptations: number }>(
        'SELECT status, count(*) AS adaptations FROM adaptation GROUP BY 1',
      )
      .all();
  }
}
