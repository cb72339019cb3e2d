import { usualCacheNsPerByte } from '../../core/measurement/checks/cache-check.js';
import { readingsBaseline, type SessionBaseline } from '../../core/measurement/judge-session.js';
import { readObservations } from '../../core/measurement/observations.js';
import { median } from '../../core/measurement/quantile.js';
import type { Database } from '../open-database.js';

/** What a host's cache costs moves by a quarter within minutes: what is usual is the median over so many sessions. */
const USUAL_OVER = 20;

type Document = Readonly<Record<string, unknown>>;

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
  const readings = readingsBaseline(JSON.parse(row.observations) as Document);
  return { anchorNs: row.anchorNs, ...readings, cacheNsPerByte: usualCachePrice(db, environmentId) };
}

/** Over the latest sessions, those that were rejected too: strangers in the cache are not why. Null where none read it. */
function usualCachePrice(db: Database, environmentId: number): number | null {
  const prices = db
    .prepare<[number, number], string>(
      'SELECT observations FROM session WHERE environment_id = ? ORDER BY id DESC LIMIT ?',
    )
    .pluck()
    .all(environmentId, USUAL_OVER)
    .flatMap(
      (observations) => usualCacheNsPerByte(readObservations(JSON.parse(observations) as Document)) ?? [],
    );
  return prices.length === 0 ? null : median(prices);
}
