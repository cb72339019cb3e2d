import { readingsBaseline, type SessionBaseline } from '../../core/measurement/judge-session.js';
import type { Database } from '../open-database.js';

/** What sessions of an environment are judged against; null before its first one. */
export function sessionBaseline(db: Database, environmentId: number): SessionBaseline | null {
  const row = db
    .prepare<[number], { anchorNs: number; observations: string }>(
      `SELECT anchor_baseline.latency_ns AS anchorNs, observations FROM anchor_baseline
         JOIN measurement ON measurement.id = anchor_baseline.measurement_id
         JOIN session ON session.id = measurement.session_id
       WHERE anchor_baseline.environment_id = ?`,
    )
    .get(environmentId);
  if (row === undefined) return null;
  const observations = JSON.parse(row.observations) as Readonly<Record<string, unknown>>;
  return { anchorNs: row.anchorNs, ...readingsBaseline(observations) };
}
