import { cpus, loadavg } from 'node:os';
import type { Environment } from '../../../contracts/environment.js';
import type { JobProgress } from '../../../contracts/job.js';
import type { MeasurementPlan, SessionReport, SubjectFailure } from '../../../contracts/measurement.js';
import { roundPace } from '../../../core/measurement/round-pace.js';
import { canPin } from '../bound-command.js';
import { type Cores, formatCores } from '../format-cores.js';
import { isPinned } from './describe-device.js';
import { jobProgress } from './job-progress.js';
import { mergeRecords } from './merge-records.js';
import { type ChildEnd, runMeasureChild } from './run-child.js';
import { SessionRecord } from './session-record.js';

export interface SessionSupervision {
  /** Cores to measure on; null = any. */
  readonly cores: Cores | null;
  /** Kills the child and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress?(progress: JobProgress): void;
}

/** The session could not be held at all, for a reason that lies in no subject. */
export class SessionFailure extends Error {
  constructor(readonly end: BadEnd) {
    super(end.message);
  }
}

type BadEnd = Extract<ChildEnd, { ok: false }>;

/** A runtime that keeps dying is given up after this many deaths. */
const MAX_DEATHS = 6;

/**
 * Measures a plan in pinned children of its own, as many one after the other as the protocol asks for. A crash, a hang
 * or a death by memory is charged to the subjects of the graph that the child had announced; the others are measured
 * again in a fresh child. When the last child dies, what is left fails with it. A death before anything was announced lies in no
 * subject: another child begins anew.
 * @throws SessionFailure when a child dies before it told its environment, as where a runtime does not load, or the last one
 * dies before it announced anything
 * @throws the signal's reason when aborted
 */
export async function superviseSession(
  plan: MeasurementPlan,
  supervision: SessionSupervision,
): Promise<SessionReport> {
  const startedAtMs = Date.now();
  const loadBefore = loadavg()[0];
  const { processes = 1 } = plan.protocol;
  const failures = new Map<string, SubjectFailure>();
  const records: SessionRecord[] = [];
  let environment: Environment | undefined;
  let children = 0;
  let deaths = 0;
  let left = plan.subjects;
  while (records.length < processes && left.length > 0) {
    const process = records.length;
    const record = new SessionRecord();
    const end = await runOneChild(
      {
        ...plan,
        seed: plan.seed + process,
        subjects: left,
        hostProbes: process === 0 ? (plan.hostProbes ?? []) : [],
      },
      withShare(supervision, process, processes),
      record,
    );
    children++;
    if (record.environment !== undefined)
      environment = { ...record.environment, pinned: isPinned(supervision.cores, record.allowedCores) };
    for (const failure of record.failures) failures.set(failure.subjectId, failure);
    if (end.ok) {
      records.push(record);
    } else {
      const isLast = ++deaths === MAX_DEATHS;
      if (environment === undefined || (isLast && !record.hasAnnounced)) throw new SessionFailure(end);
      if (!record.hasAnnounced) continue;
      for (const failure of charge(record, end, left, isLast)) failures.set(failure.subjectId, failure);
    }
    left = plan.subjects.filter(({ id }) => !failures.has(id));
  }
  const { probes, terms, observations } = mergeRecords(records);
  const hostProbes = records.flatMap((record) => record.hostProbes);
  return {
    environment: environment!,
    startedAtMs,
    endedAtMs: Date.now(),
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: {
      ...observations,
      // Where nothing here can pin a process, none was pinned.
      ...(supervision.cores === null || !canPin() ? {} : { coresRequested: formatCores(supervision.cores) }),
      loadBefore,
      loadAfter: loadavg()[0],
      coreCount: cpus().length,
      children,
    },
    probes,
    subjects: plan.subjects,
    terms: terms.filter(({ subjectId }) => !failures.has(subjectId)),
    failures: [...failures.values()],
    ...(hostProbes.length === 0 ? {} : { hostProbes }),
  };
}

/** Progress of one process is a share of the whole. */
function withShare(supervision: SessionSupervision, process: number, processes: number): SessionSupervision {
  const { onProgress } = supervision;
  if (onProgress === undefined || processes === 1) return supervision;
  const note = `process ${process + 1} of ${processes}`;
  return {
    ...supervision,
    onProgress: ({ done, total, ...soFar }) =>
      onProgress({ ...soFar, done: process * total + done, total: processes * total, note }),
  };
}

function runOneChild(
  plan: MeasurementPlan,
  { cores, signal, onProgress }: SessionSupervision,
  record: SessionRecord,
): Promise<ChildEnd> {
  return runMeasureChild(plan, {
    cores,
    signal,
    // Between two rounds of visits that are spread over time a child says nothing.
    silenceMs: plan.protocol.subjectTimeoutMs + roundPace(plan.protocol).everyMs,
    onMessage: (message) => {
      record.note(message);
      if (message.type === 'progress') onProgress?.(jobProgress(message));
    },
  });
}

/** The failures that a child's bad end means: of the announced graph's subjects, or of all when it was the last child. */
function charge(
  record: SessionRecord,
  end: BadEnd,
  left: MeasurementPlan['subjects'],
  isLast: boolean,
): readonly SubjectFailure[] {
  const blamed = record.blamedSubjects();
  const all = isLast || blamed.length === 0;
  const known = new Set(record.failures.map(({ subjectId }) => subjectId));
  return left
    .filter(({ id }) => !known.has(id) && (all || blamed.includes(id)))
    .map(({ id }) => ({
      subjectId: id,
      kind: end.kind,
      message: `${record.describeAnnounced()}: ${end.message}`,
    }));
}
