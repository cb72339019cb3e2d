import type { Verdict } from '../../contracts/measurement.js';
import { pooledFloor } from '../../core/measurement/noise-floor.js';
import { quantile } from '../../core/measurement/quantile.js';
import type { Database } from '../open-database.js';
import { type NoiseCheck, NoiseFloorRepository } from './noise-floors.js';

/** The anchor of one session of a device. */
export interface AnchorReading {
  readonly sessionId: number;
  readonly atMs: number;
  readonly verdict: Verdict;
  /** As timed; null when the anchor failed or was not measured. */
  readonly latencyNs: number | null;
  /** Relative to the baseline of the session's environment. */
  readonly anchorFactor: number;
  /** Whether the session's environment is the one the device has now. */
  readonly current: boolean;
}

export interface DeviceHealth {
  /** The latest first. */
  readonly anchors: readonly AnchorReading[];
  /** The level that sessions are compared with; null before the first one in this environment. */
  readonly baselineNs: number | null;
  /**
   * Two figures of the device that differ by a smaller share are indistinguishable. From its noise checks; before the
   * first one half of what 95 % of the anchors spread over, as a share of their median, rejected sessions left out.
   * Null with fewer than three sessions.
   */
  readonly noise: number | null;
  /** A/A measurements in the current environment, the latest first. */
  readonly noiseChecks: readonly NoiseCheck[];
  /** Of the sessions looked at. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

const LEAST_ANCHORS = 3;

/** @param limit sessions to look back */
export function readDeviceHealth(db: Database, deviceId: number, limit: number): DeviceHealth {
  const anchors = db
    .prepare<[number, number], Omit<AnchorReading, 'current'> & { current: number }>(
      `SELECT session.id AS sessionId, ended_at_ms AS atMs, session.verdict, latency_ns AS latencyNs,
         anchor_factor AS anchorFactor, session.environment_id IS device.environment_id AS current
       FROM session JOIN device ON device.id = session.device_id
         LEFT JOIN measurement ON measurement.session_id = session.id AND subject_kind = 'anchor'
       WHERE session.device_id = ? ORDER BY session.id DESC LIMIT ?`,
    )
    .all(deviceId, limit)
    .map((anchor) => ({ ...anchor, current: anchor.current === 1 }));
  const baselineNs = db
    .prepare<[number], number>(
      `SELECT latency_ns FROM anchor_baseline JOIN device USING (environment_id) WHERE device.id = ?`,
    )
    .pluck()
    .get(deviceId);
  const environmentId = db
    .prepare<[number], number | null>('SELECT environment_id FROM device WHERE id = ?')
    .pluck()
    .get(deviceId)!;
  const verdicts = { trusted: 0, usable: 0, rejected: 0 };
  for (const { verdict } of anchors) verdicts[verdict]++;
  const noiseChecks = environmentId === null ? [] : new NoiseFloorRepository(db).checks(environmentId);
  const noise =
    noiseChecks.length === 0 ? anchorSpread(anchors) : pooledFloor(noiseChecks.map(({ floor }) => floor));
  return { anchors, baselineNs: baselineNs ?? null, noise, noiseChecks, verdicts };
}

function anchorSpread(anchors: readonly AnchorReading[]): number | null {
  const latenciesNs = anchors
    .filter(({ current, verdict }) => current && verdict !== 'rejected')
    .flatMap(({ latencyNs }) => latencyNs ?? []);
  if (latenciesNs.length < LEAST_ANCHORS) return null;
  const at = (share: number) => quantile(latenciesNs, share);
  return (at(0.975) - at(0.025)) / 2 / at(0.5);
}
