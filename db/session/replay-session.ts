import type { ProbeSamples, SessionReport, Subject } from '../../contracts/measurement.js';
import type { Database } from '../open-database.js';
import { EnvironmentRepository } from '../repositories/environments.js';
import type { MeasurementRow } from '../repositories/measurement-row.js';
import { NetworkRepository } from '../repositories/networks.js';
import { type SessionRecord, SessionRepository } from '../repositories/sessions.js';
import { type JudgedReport, judgeReport } from './judge-report.js';

/**
 * Computes a stored session anew from its raw samples, against the baseline that it was judged against.
 * @returns null for a session of an earlier version, which did not note its baseline
 * @throws LutraError `not-found`
 */
export function replaySession(db: Database, id: number): JudgedReport | null {
  const session = new SessionRepository(db).get(id);
  const { judgedAgainst } = session;
  return judgedAgainst === null ? null : judgeReport(storedReport(db, session), judgedAgainst.baseline);
}

/** Whether a replay says what is stored, to the last digit. */
export function isSameAsStored(session: SessionRecord, judged: JudgedReport): boolean {
  const stored = session.measurements.map(storedFigures);
  const replayed = judged.outcomes.map(({ summary, failure, verdict, reasons }) => [
    summary && Math.round(summary.latencyNs),
    summary && Math.floor(summary.lowNs),
    summary && Math.ceil(summary.highNs),
    summary?.sampleCount ?? 0,
    summary?.visits ?? 0,
    verdict,
    reasons,
    failure,
  ]);
  const said = ({
    verdict,
    checks,
    anchorFactor,
  }: Pick<JudgedReport, 'verdict' | 'checks' | 'anchorFactor'>) =>
    JSON.stringify([verdict, checks, anchorFactor]);
  return (
    said(session) === said(judged) &&
    (session.opFactor ?? judged.opFactor) === judged.opFactor &&
    JSON.stringify(stored) === JSON.stringify(replayed)
  );
}

function storedFigures(row: MeasurementRow): readonly unknown[] {
  const { latencyNs, lowNs, highNs, sampleCount, visits, verdict, reasons, failure } = row;
  return [latencyNs, lowNs, highNs, sampleCount, visits, verdict, reasons, failure];
}

/** The report that a session was stored from. What the child reported as no number comes back as NaN. */
function storedReport(db: Database, session: SessionRecord): SessionReport {
  const networks = new NetworkRepository(db);
  const subjectOf = (row: MeasurementRow): Subject => {
    if (row.subjectKind === 'op') return { kind: 'op', id: idOf(row), key: row.opKey! };
    const { subjectKind: kind, networkHash } = row;
    return { kind, id: idOf(row), networkHash: networkHash!, network: networks.get(networkHash!) };
  };
  return {
    environment: new EnvironmentRepository(db).get(session.environmentId),
    startedAtMs: session.startedAtMs,
    endedAtMs: session.endedAtMs,
    plan: session.plan,
    observations: { ...session.observations },
    probes: session.probes.map(
      (probe): ProbeSamples => ({
        ...probe,
        openNs: probe.openNs ?? Number.NaN,
        firstNs: probe.firstNs ?? Number.NaN,
        visitWaitShare: [...probe.visitWaitShare],
      }),
    ),
    subjects: session.measurements.map(subjectOf),
    terms: session.measurements.map((row) => ({ subjectId: idOf(row), terms: [...row.terms] })),
    failures: session.measurements.flatMap((row) =>
      row.failure === null ? [] : [{ subjectId: idOf(row), ...row.failure }],
    ),
  };
}

/** Ids within a session are the caller's own; a row's number does as well. */
function idOf({ id }: MeasurementRow): string {
  return String(id);
}
