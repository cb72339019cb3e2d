import type { Purpose, SessionReport } from '../../contracts/measurement.js';
import type { SessionBaseline } from '../../core/measurement/judge-session.js';
import type { Network } from '../../core/network/network.js';
import type { Database } from '../open-database.js';
import { NetworkRepository } from '../repositories/networks.js';
import { encodeVisits } from '../visits-codec.js';
import type { JudgedReport, SubjectOutcome } from './judge-report.js';

export interface StoredSession {
  readonly sessionId: number;
  /** Ops that got a measurement or a failure. */
  readonly opIds: readonly number[];
}

/** Where a session belongs. */
export interface SessionOrigin {
  readonly deviceId: number;
  readonly environmentId: number;
  readonly jobId: string | null;
  /** What the session was judged against. */
  readonly baseline: SessionBaseline | null;
  /** What its networks were measured for. */
  readonly purpose: Purpose;
}

/** Adds a session with its raw samples and the measurements that follow from it. Must run inside a transaction. */
export function storeSession(
  db: Database,
  origin: SessionOrigin,
  report: SessionReport,
  judged: JudgedReport,
): StoredSession {
  const sessionId = insertSession(db, origin, report, judged);
  insertProbes(db, sessionId, report);
  insertHostProbes(db, { ...origin, sessionId }, report);
  const store = measurementWriter(db, { ...origin, sessionId });
  return { sessionId, opIds: judged.outcomes.map(store).filter((opId) => opId !== null) };
}

function insertSession(
  db: Database,
  { deviceId, environmentId, jobId, baseline }: SessionOrigin,
  report: SessionReport,
  judged: JudgedReport,
): number {
  const inserted = db
    .prepare(
      `INSERT INTO session (device_id, environment_id, job_id, started_at_ms, ended_at_ms, plan, observations, verdict,
         checks, anchor_factor, op_factor, judged_against)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      deviceId,
      environmentId,
      jobId,
      Math.round(report.startedAtMs),
      Math.round(report.endedAtMs),
      JSON.stringify(report.plan),
      JSON.stringify(report.observations),
      judged.verdict,
      JSON.stringify(judged.checks),
      judged.anchorFactor,
      judged.opFactor,
      JSON.stringify(baseline),
    );
  return Number(inserted.lastInsertRowid);
}

function insertProbes(db: Database, sessionId: number, report: SessionReport): void {
  const insert = db.prepare(
    `INSERT INTO probe (session_id, graph_id, open_ns, first_ns, visits, wait_share, causes, openings)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const probe of report.probes) {
    const { graphId, openNs, firstNs, visitsNs, visitWaitShare, causes, openings } = probe;
    insert.run(
      sessionId,
      graphId,
      wholeNs(openNs),
      wholeNs(firstNs),
      encodeVisits(visitsNs),
      JSON.stringify(visitWaitShare),
      causes === undefined ? null : JSON.stringify(causes),
      openings === undefined ? null : JSON.stringify(openings),
    );
  }
}

function insertHostProbes(
  db: Database,
  { environmentId, sessionId }: SessionOrigin & { sessionId: number },
  { hostProbes = [] }: SessionReport,
): void {
  const insert = db.prepare(
    'INSERT INTO host_probe (session_id, environment_id, kind, data) VALUES (?, ?, ?, ?)',
  );
  for (const { kind, data } of hostProbes) insert.run(sessionId, environmentId, kind, JSON.stringify(data));
}

/** @returns a function that adds one measurement and returns the op's id, or null for a network */
function measurementWriter(
  db: Database,
  { sessionId, environmentId, purpose }: SessionOrigin & { sessionId: number },
): (outcome: SubjectOutcome) => number | null {
  const networks = new NetworkRepository(db);
  const insertOp = db.prepare('INSERT INTO op (key) VALUES (?) ON CONFLICT DO NOTHING');
  const opId = db.prepare<[string], number>('SELECT id FROM op WHERE key = ?').pluck();
  const insertTerm = db.prepare(
    'INSERT INTO measurement_term (measurement_id, graph_id, coefficient) VALUES (?, ?, ?)',
  );
  const insert = db.prepare(
    `INSERT INTO measurement (session_id, environment_id, subject_kind, op_id, network_hash, latency_ns, low_ns,
       high_ns, sample_count, visits, verdict, reasons, failure_kind, failure_message, open_ns, first_ns, precision,
       target, purpose)
     VALUES (:sessionId, :environmentId, :kind, :opId, :networkHash, :latencyNs, :lowNs, :highNs, :sampleCount,
       :visits, :verdict, :reasons, :failureKind, :failureMessage, :openNs, :firstNs, :precision,
       :target, :purpose)`,
  );
  return ({ subject, terms, summary, failure, verdict, reasons, openNs, firstNs }) => {
    const op = subject.kind === 'op';
    if (op) insertOp.run(subject.key);
    else networks.put(subject.network as Network, subject.networkHash);
    const id = op ? opId.get(subject.key)! : null;
    const { lastInsertRowid } = insert.run({
      sessionId,
      environmentId,
      kind: subject.kind,
      opId: id,
      networkHash: op ? null : subject.networkHash,
      latencyNs: summary && Math.round(summary.latencyNs),
      lowNs: summary && Math.floor(summary.lowNs),
      highNs: summary && Math.ceil(summary.highNs),
      sampleCount: summary?.sampleCount ?? 0,
      visits: summary?.visits ?? 0,
      verdict,
      reasons: JSON.stringify(reasons),
      failureKind: failure?.kind ?? null,
      failureMessage: failure?.message ?? null,
      openNs: openNs === null ? null : wholeNs(openNs),
      firstNs: firstNs === null ? null : wholeNs(firstNs),
      precision: summary?.precision ?? null,
      target: subject.kind === 'network' ? (subject.target ?? 'steady') : 'steady',
      purpose,
    });
    for (const { graphId, coefficient } of terms) insertTerm.run(lastInsertRowid, graphId, coefficient);
    return id;
  };
}

/** A child may report nonsense; the column then stays empty. */
function wholeNs(durationNs: number): number | null {
  return Number.isFinite(durationNs) ? Math.round(durationNs) : null;
}
