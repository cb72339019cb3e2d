import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../open-database.js';
import { GrowingCount } from './growing-count.js';

/** Rows of `measurement` by id: it is append-only. */
export const COUNT_MEASUREMENTS = `
  SELECT subject_kind || ' ' || verdict AS name, count(*) AS rows FROM measurement
  WHERE id > :after AND id <= :upTo GROUP BY 1`;

/** Ends of jobs by the id of their event: a job ends once, and stays as it ended. */
export const COUNT_ENDS = `
  SELECT job.kind || ' ' || job.outcome AS name, count(*) AS rows
  FROM job_event CROSS JOIN job ON job.id = job_event.job_id
  WHERE job_event.id > :after AND job_event.id <= :upTo AND job_event.type = 'finished' GROUP BY 1`;

/** The partial index of unfinished jobs serves only who names its condition. */
export const OLDEST_LEASES = `
  SELECT queue, min(coalesce(started_at_ms, created_at_ms)) AS sinceMs FROM job
  WHERE status <> 'finished' AND status IN ('leased', 'running') GROUP BY queue`;

export const COUNT_UNFINISHED = `
  SELECT kind, status AS outcome, count(*) AS jobs FROM job WHERE status <> 'finished' GROUP BY 1, 2`;

interface JobCount {
  readonly kind: string;
  readonly outcome: string;
  readonly jobs: number;
}

/**
 * Counts for those who run the service. They are asked for again and again: of tables that only grow, each row is
 * counted once, and all else is read from an index or a small table.
 */
export class OperatingFigures {
  private readonly measurements;
  private readonly ends;

  constructor(private readonly db: Database) {
    this.measurements = new GrowingCount(db, 'measurement', COUNT_MEASUREMENTS);
    this.ends = new GrowingCount(db, 'job_event', COUNT_ENDS);
  }

  async jobsByOutcome(): Promise<readonly JobCount[]> {
    const ended = await this.ends.read(nextTurn);
    const unfinished = this.db.prepare<[], JobCount>(COUNT_UNFINISHED).all();
    return [
      ...unfinished,
      ...[...ended].map(([name, jobs]) => {
        const [kind = '', outcome = ''] = name.split(' ');
        return { kind, outcome, jobs };
      }),
    ];
  }

  /** @returns for each queue, since when its oldest job under a lease has been worked on */
  oldestLeases(): readonly { readonly queue: string; readonly sinceMs: number }[] {
    return this.db.prepare<[], { queue: string; sinceMs: number }>(OLDEST_LEASES).all();
  }

  async measurementsByVerdict(): Promise<
    readonly { readonly subject: string; readonly verdict: string; readonly measurements: number }[]
  > {
    const counted = await this.measurements.read(nextTurn);
    return [...counted].map(([name, measurements]) => {
      const [subject = '', verdict = ''] = name.split(' ');
      return { subject, verdict, measurements };
    });
  }

  adaptationsByStatus(): readonly { readonly status: string; readonly adaptations: number }[] {
    return this.db
      .prepare<[], { status: string; adaptations: number }>(
        'SELECT status, count(*) AS adaptations FROM adaptation GROUP BY 1',
      )
      .all();
  }
}
