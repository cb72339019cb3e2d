import type {
  Check,
  Opening,
  ProbeSamples,
  Protocol,
  Verdict,
  VisitCauses,
} from '../../contracts/measurement.js';
import { LutraError } from '../../core/errors.js';
import type { SessionBaseline } from '../../core/measurement/judge-session.js';
import type { Database } from '../open-database.js';
import { decodeVisits } from '../visits-codec.js';
import {
  type MeasurementRow,
  SELECT_MEASUREMENT,
  type StoredMeasurement,
  toMeasurementRow,
} from './measurement-row.js';

/** A session as it was stored: enough to compute every figure again. */
export interface SessionRecord {
  readonly id: number;
  readonly device: string;
  readonly environmentId: number;
  readonly jobId: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly plan: { readonly seed: number; readonly protocol: Protocol };
  readonly observations: Readonly<Record<string, unknown>>;
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly anchorFactor: number;
  /** Null in sessions of earlier versions: ops were divided by `anchorFactor`. */
  readonly opFactor: number | null;
  /** Null in sessions of earlier versions; a null baseline: the first session of its environment. */
  readonly judgedAgainst: { readonly baseline: SessionBaseline | null } | null;
  readonly probes: readonly StoredProbe[];
  readonly measurements: readonly MeasurementRow[];
}

/** Opening and first run are null where the child reported no number. */
export interface StoredProbe extends Omit<ProbeSamples, 'openNs' | 'firstNs'> {
  readonly openNs: number | null;
  readonly firstNs: number | null;
}

type Documents = 'plan' | 'observations' | 'checks';
type StoredRow = Omit<SessionRecord, Documents | 'judgedAgainst' | 'probes' | 'measurements'> &
  Record<Documents, string> & { judgedAgainst: string | null };
type StoredSamples = Pick<StoredProbe, 'graphId' | 'openNs' | 'firstNs'> & {
  visits: Buffer;
  waitShare: string;
  causes: string | null;
  openings: string | null;
};

/** Sessions with their raw samples. */
export class SessionRepository {
  constructor(private readonly db: Database) {}

  /** @throws LutraError `not-found` */
  get(id: number): SessionRecord {
    const row = this.db
      .prepare<[number], StoredRow>(
        `SELECT session.id, device.name AS device, session.environment_id AS environmentId, job_id AS jobId,
           started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs, plan, observations, verdict, checks,
           anchor_factor AS anchorFactor, op_factor AS opFactor, judged_against AS judgedAgainst
         FROM session JOIN device ON device.id = session.device_id WHERE session.id = ?`,
      )
      .get(id);
    if (row === undefined) throw new LutraError('not-found', `there is no session ${id}`);
    return {
      ...row,
      plan: JSON.parse(row.plan) as SessionRecord['plan'],
      observations: JSON.parse(row.observations) as SessionRecord['observations'],
      checks: JSON.parse(row.checks) as Check[],
      judgedAgainst:
        row.judgedAgainst === null
          ? null
          : { baseline: JSON.parse(row.judgedAgainst) as SessionBaseline | null },
      probes: this.probes(id),
      measurements: this.db
        .prepare<[number], StoredMeasurement>(
          `${SELECT_MEASUREMENT} WHERE session_id = ? ORDER BY measurement.id`,
        )
        .all(id)
        .map(toMeasurementRow),
    };
  }

  private probes(sessionId: number): readonly StoredProbe[] {
    return this.db
      .prepare<[number], StoredSamples>(
        `SELECT graph_id AS graphId, open_ns AS openNs, first_ns AS firstNs, visits, wait_share AS waitShare,
           causes, openings
         FROM probe WHERE session_id = ? ORDER BY graph_id`,
      )
      .all(sessionId)
      .map(({ visits, waitShare, causes, openings, ...probe }) => ({
        ...probe,
        visitsNs: decodeVisits(visits),
        visitWaitShare: JSON.parse(waitShare) as (number | null)[],
        ...(causes === null ? {} : { causes: JSON.parse(causes) as VisitCauses[] }),
        ...(openings === null ? {} : { openings: JSON.parse(openings) as Opening[] }),
      }));
  }
}
