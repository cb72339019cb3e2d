import { hostCache, USUAL_OVER_SESSIONS } from '../../core/measurement/checks/cache-check.js';
import { readingsBaseline, type SessionBaseline } from '../../core/measurement/judge-session.js';
import type { Database } from '../open-database.js';

type Observations = Readonly<Record<string, unknown>>;

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
  return {
    anchorNs: row.anchorNs,
    ...readingsBaseline(JSON.parse(row.observations) as Observations),
    hostCache: hostCache(latestObservations(db, environmentId)),
  };
}

/** Of rejected sessions too: strangers in the cache are not why. */
function latestObservations(db: Database, environmentId: number): readonly Observations[] {
  return db
    .prepare<[number, number], string>(
      'SELECT observations FROM session WHERE environment_id = ? ORDER BY id DESC LIMIT ?',
    )
    .pluck()
    .all(environmentId, USUAL_OVER_SESSIONS)
    .map((observations) => JSON.parse(observations) as Observations);
}
