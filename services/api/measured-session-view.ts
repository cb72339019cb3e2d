import type {
  MeasuredSessionView,
  MeasuredSubject,
  SessionSamplesView,
  VisitView,
} from '../../contracts/http/measured-session.js';
import { probesWithCauses } from '../../core/measurement/judge-session.js';
import { classifyVisits } from '../../core/measurement/visit-values.js';
import { EnvironmentRepository } from '../../db/repositories/environments.js';
import type { MeasurementRow } from '../../db/repositories/measurement-row.js';
import { SessionRepository, type StoredProbe } from '../../db/repositories/sessions.js';
import { isSameAsStored, replaySession } from '../../db/session/replay-session.js';
import type { ApiContext } from './api-context.js';

/** A measuring session as callers see it. @throws LutraError `not-found` */
export function measuredSessionView({ db }: ApiContext, id: number): MeasuredSessionView {
  const session = new SessionRepository(db).get(id);
  const replayed = replaySession(db, id);
  return {
    id,
    device: session.device,
    environment: new EnvironmentRepository(db).get(session.environmentId),
    jobId: session.jobId,
    startedAtMs: session.startedAtMs,
    endedAtMs: session.endedAtMs,
    protocol: session.plan.protocol,
    seed: session.plan.seed,
    verdict: session.verdict,
    checks: [...session.checks],
    anchorFactor: session.anchorFactor,
    opFactor: session.opFactor ?? session.anchorFactor,
    observations: { ...session.observations },
    subjects: session.measurements.map(subjectView),
    replaysToTheSame: replayed === null ? null : isSameAsStored(session, replayed),
  };
}

function subjectView(row: MeasurementRow): MeasuredSubject {
  const { latencyNs, lowNs, highNs } = row;
  const interval =
    lowNs === null || highNs === null ? null : { lowMs: lowNs / 1e6, highMs: highNs / 1e6, level: 0.95 };
  return {
    kind: row.subjectKind,
    key: row.opKey,
    networkHash: row.networkHash,
    target: row.target,
    latencyMs: toMs(latencyNs),
    interval,
    openMs: toMs(row.openNs),
    firstMs: toMs(row.firstNs),
    precision: row.precision,
    samples: row.sampleCount,
    visits: row.visits,
    verdict: row.verdict,
    reasons: [...row.reasons],
    failure: row.failure,
    terms: [...row.terms],
  };
}

/** @param graph only this one @throws LutraError `not-found` */
export function sessionSamplesView(
  { db }: ApiContext,
  id: number,
  graph: string | undefined,
): SessionSamplesView {
  const session = new SessionRepository(db).get(id);
  const probes = session.probes.filter(({ graphId }) => graph === undefined || graphId === graph);
  const environment = new EnvironmentRepository(db).get(session.environmentId);
  const known = probesWithCauses({ environment, observations: session.observations, probes });
  return {
    sessionId: id,
    graphs: [...known.values()].map((probe) => ({
      graphId: probe.graphId,
      openings: [...(probe.openings ?? [])],
      visits: visitViews(probe),
    })),
  };
}

function visitViews(probe: StoredProbe & { readonly takenShares?: readonly (number | null)[] }): VisitView[] {
  return classifyVisits(probe).map(({ class: name, used, process }, visit) => {
    const cause = probe.causes?.[visit];
    return {
      class: name,
      used,
      process,
      startMs: cause?.startMs ?? null,
      waitShare: probe.visitWaitShare[visit] ?? null,
      takenShare: probe.takenShares?.[visit] ?? null,
      stoppedShare: cause?.stoppedShare ?? null,
      preemptions: cause?.preemptions ?? null,
      majorFaults: cause?.majorFaults ?? null,
      samplesNs: probe.visitsNs[visit]!.map((sampleNs) => (Number.isFinite(sampleNs) ? sampleNs : null)),
    };
  });
}

function toMs(ns: number | null): number | null {
  return ns === null ? null : ns / 1e6;
}
