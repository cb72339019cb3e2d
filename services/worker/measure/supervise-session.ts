import { cpus, loadavg } from 'node:os';
import type { Environment } from '../../../contracts/environment.js';
import type { JobProgress } from '../../../contracts/job.js';
import type { MeasurementPlan, SessionReport, SubjectFailure } from '../../../contracts/measurement.js';
import { isPinned } from './describe-device.js';
import { type ChildEnd, runMeasureChild } from './run-child.js';
import { SessionRecord } from './session-record.js';

export interface SessionSupervision {
  /** Core to measure on; null = any. */
  readonly cpu: number | null;
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

/** A runtime that keeps dying is given up after this many children. */
const MAX_CHILDREN = 6;

/**
 * Measures a plan in pinned children of its own. A crash, a hang or a death by memory is charged to the subjects of the
 * graph that the child had announced; the others are measured again in a fresh child, so that all samples of a session
 * come from one process. When the last child dies, what is left fails with it.
 * @throws SessionFailure when a child dies before it announced anything, e.g. because the runtime does not load
 * @throws the signal's reason when aborted
 */
export async function superviseSession(
  plan: MeasurementPlan,
  supervision: SessionSupervision,
): Promise<SessionReport> {
  const startedAtMs = Date.now();
  const loadBefore = loadavg()[0];
  const failures = new Map<string, SubjectFailure>();
  let environment: Environment | undefined;
  let record = new SessionRecord();
  let children = 0;
  let left = plan.subjects;
  do {
    record = new SessionRecord();
    const end = await runOneChild({ ...plan, subjects: left }, supervision, record);
    children++;
    if (record.environment !== undefined)
      environment = { ...record.environment, pinned: isPinned(supervision.cpu, record.allowedCores) };
    for (const failure of record.failures) failures.set(failure.subjectId, failure);
    if (end.ok) break;
    if (environment === undefined) throw new SessionFailure(end);
    for (const failure of charge(record, end, left, children === MAX_CHILDREN))
      failures.set(failure.subjectId, failure);
    left = plan.subjects.filter(({ id }) => !failures.has(id));
  } while (left.length > 0);
  const { probes, terms, observations } = record;
  return {
    environment: environment!,
    startedAtMs,
    endedAtMs: Date.now(),
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: {
      ...observations,
      affinityBefore: record.allowedCores,
      ...(supervision.cpu === null ? {} : { cpuRequested: supervision.cpu }),
      loadBefore,
      loadAfter: loadavg()[0],
      coreCount: cpus().length,
      children,
    },
    probes,
    subjects: plan.subjects,
    terms: terms.filter(({ subjectId }) => !failures.has(subjectId)),
    failures: [...failures.values()],
  };
}

function runOneChild(
  plan: MeasurementPlan,
  { cpu, signal, onProgress }: SessionSupervision,
  record: SessionRecord,
): Promise<ChildEnd> {
  return runMeasureChild(plan, {
    cpu,
    signal,
    silenceMs: plan.protocol.subjectTimeoutMs,
    onMessage: (message) => {
      record.note(message);
      if (message.type === 'progress') onProgress?.({ done: message.done, total: message.total });
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
