import type { Verdict } from '../../contracts/measurement.js';
import type { Database } from '../open-database.js';

/** The anchor network in one session, as it was timed there. */
export interface AnchorMeasurement {
  readonly sessionId: number;
  readonly measuredAtMs: number;
  readonly latencyNs: number;
  readonly lowNs: number;
  readonly highNs: number;
  readonly verdict: Verdict;
}

/** What the anchor showed over a device's sessions: the health of the device, since the work is always the same. */
export class AnchorHistoryRepository {
  private readonly latest;

  constructor(db: Database) {
    this.latest = db.prepare<[number, number], AnchorMeasurement>(
      `SELECT session.id AS sessionId, session.ended_at_ms AS measuredAtMs, latency_ns AS latencyNs, low_ns AS lowNs,
         high_ns AS highNs, measurement.verdict AS verdict
       FROM session JOIN measurement ON measurement.session_id = session.id
       WHERE session.device_id = ? AND subject_kind = 'anchor' AND latency_ns IS NOT NULL
       ORDER BY session.id DESC LIMIT ?`,
    );
  }

  /** The latest first. */
  of(deviceId: number, limit: number): readonly AnchorMeasurement[] {
    return this.latest.all(deviceId, limit);
  }
}
