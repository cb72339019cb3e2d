import type { MeasurePayload, MeasureResult } from '../../contracts/job.js';
import type { Purpose, SessionReport, TimingTarget, Verdict } from '../../contracts/measurement.js';
import type { Database } from '../open-database.js';
import { compareReport } from '../session/compare-report.js';
import { judgeReport } from '../session/judge-report.js';
import { type KnownOp, measureResult } from '../session/measure-result.js';
import { storeSession } from '../session/store-session.js';
import { write } from '../write.js';
import { DeviceRepository } from './devices.js';
import { LatencyTableRepository } from './latency-table.js';
import {
  type MeasurementRow,
  SELECT_MEASUREMENT,
  type StoredMeasurement,
  toMeasurementRow,
} from './measurement-row.js';
import { NoiseFloorRepository } from './noise-floors.js';
import { sessionBaseline } from './session-baseline.js';
import { type SessionRecord, SessionRepository } from './sessions.js';

/** A whole network in one session, at the level of the environment's anchor baseline. */
export interface NetworkMeasurement {
  readonly measurementId: number;
  readonly sessionId: number;
  readonly networkHash: string;
  readonly target: TimingTarget;
  readonly purpose: Purpose;
  readonly latencyNs: number;
  readonly lowNs: number;
  readonly highNs: number;
  readonly verdict: Verdict;
  /** `latencyNs` times this is what the session timed. */
  readonly anchorFactor: number;
  readonly measuredAtMs: number;
}

/** What sessions yielded. Append-only; tables are refreshed in the same transaction. */
export class MeasurementRepository {
  private readonly devices: DeviceRepository;
  private readonly tables: LatencyTableRepository;
  private readonly sessions: SessionRepository;
  private readonly noise: NoiseFloorRepository;

  constructor(
    private readonly db: Database,
    now: () => number = Date.now,
  ) {
    this.devices = new DeviceRepository(db, now);
    this.tables = new LatencyTableRepository(db);
    this.sessions = new SessionRepository(db);
    this.noise = new NoiseFloorRepository(db);
  }

  /**
   * Stores a session and what follows from it: summaries, verdict, table entries, the device's environment, and the
   * anchor baseline if this is the first session there.
   * @param session.askedOps all ops the job asked for: those not measured now are answered from the table
   * @param session.purpose `held-out`: its networks will judge estimates and never calibrate
   * @throws LutraError `unknown-device`
   */
  commitSession(session: {
    readonly deviceName: string;
    readonly jobId: string | null;
    readonly report: SessionReport;
    readonly askedOps?: readonly string[];
    readonly target?: TimingTarget;
    readonly purpose?: Purpose;
    readonly aim?: MeasurePayload['aim'];
  }): MeasureResult {
    const { deviceName, jobId, report, askedOps = [], target, purpose = 'calibration', aim } = session;
    return write(this.db, () => {
      const deviceId = this.devices.get(deviceName).id;
      const environmentId = this.devices.setEnvironment(deviceName, report.environment).id;
      const baseline = sessionBaseline(this.db, environmentId);
      const judged = judgeReport(report, baseline);
      const stored = storeSession(
        this.db,
        { deviceId, environmentId, jobId, baseline, purpose },
        report,
        judged,
      );
      this.tables.setBaseline(environmentId);
      this.tables.refresh(environmentId, stored.opIds);
      if (aim === 'noise-check') this.noise.pairSession(environmentId, stored.sessionId);
      const comparison =
        aim === 'comparison' ? compareReport(report, judged, this.noise.floor(environmentId)) : undefined;
      const measured = new Set(
        report.subjects.flatMap((subject) => (subject.kind === 'op' ? [subject.key] : [])),
      );
      const others = askedOps.filter((key) => !measured.has(key));
      return {
        ...measureResult(stored.sessionId, judged, this.knownOps(environmentId, others), target),
        ...(comparison === undefined ? {} : { comparison }),
      };
    });
  }

  /** The answer to a job whose ops are all in the table. */
  resultFromTable(environmentId: number | null, ops: readonly string[]): MeasureResult {
    return measureResult(null, null, environmentId === null ? [] : this.knownOps(environmentId, ops));
  }

  /** Every measurement and failure of an op in an environment, the latest first. */
  measurementsOfOp(environmentId: number, key: string): readonly MeasurementRow[] {
    return this.db
      .prepare<[string, number], StoredMeasurement>(
        `${SELECT_MEASUREMENT} WHERE op.key = ? AND environment_id = ? ORDER BY measurement.id DESC`,
      )
      .all(key, environmentId)
      .map(toMeasurementRow);
  }

  /** Every whole network that was measured in an environment and not rejected, oldest first. */
  networkMeasurements(environmentId: number): readonly NetworkMeasurement[] {
    return this.db
      .prepare<[number], NetworkMeasurement>(
        `SELECT measurement_id AS measurementId, session_id AS sessionId, network_hash AS networkHash,
           target, purpose, latency_ns AS latencyNs, low_ns AS lowNs, high_ns AS highNs, verdict, anchor_factor AS anchorFactor,
           measured_at_ms AS measuredAtMs
         FROM counted_measurement WHERE environment_id = ? AND subject_kind = 'network' ORDER BY measurement_id`,
      )
      .all(environmentId);
  }

  /** A session with its raw samples. @throws LutraError `not-found` */
  session(id: number): SessionRecord {
    return this.sessions.get(id);
  }

  private knownOps(environmentId: number, keys: readonly string[]): readonly KnownOp[] {
    const verdict = this.db
      .prepare<[number, string], Verdict>(
        `SELECT verdict FROM op
           JOIN latency_entry ON latency_entry.op_id = op.id AND latency_entry.environment_id = ?
           JOIN measurement ON measurement.id = latency_entry.measurement_id
         WHERE key = ?`,
      )
      .pluck();
    return [...this.tables.lookup(environmentId, [...new Set(keys)]).values()].map((entry) => ({
      ...entry,
      verdict: verdict.get(environmentId, entry.key)!,
    }));
  }
}
