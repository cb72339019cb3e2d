import { affinityCheck } from './checks/affinity-check.js';
import { type AnchorReading, anchorCheck } from './checks/anchor-check.js';
import { cacheCheck, type HostCache } from './checks/cache-check.js';
import { coreSharingCheck } from './checks/core-sharing-check.js';
import { coreSpeedCheck } from './checks/core-speed-check.js';
import { coreWaitCheck, stoppedCheck } from './checks/core-wait-check.js';
import { frequencyCheck } from './checks/frequency-check.js';
import { hostGapsCheck } from './checks/host-gaps-check.js';
import { loadCheck } from './checks/load-check.js';
import { memoryCheck } from './checks/memory-check.js';
import { pressureCheck } from './checks/pressure-check.js';
import { type SessionCheck, type SessionVerdict, verdictOf } from './checks/session-check.js';
import { extremes } from './extremes.js';
import { readObservations } from './observations.js';
import { bestParallelRatio, leastParallelRatio, spinShares } from './spin-shares.js';
import { type SubjectTerm, summarizeSubject } from './summarize-subject.js';
import type { ProbeVisits } from './visit-values.js';

type GraphVisits = ProbeVisits & { readonly graphId: string };

/** What a verdict is based on; a `SessionReport` fits. */
export interface JudgedSession {
  /** Flags of the runtime; absent: durations were timed. */
  readonly environment?: { readonly flags: Readonly<Record<string, string>> };
  readonly observations: Readonly<Record<string, unknown>>;
  readonly probes: readonly GraphVisits[];
  readonly subjects: readonly { readonly kind: string; readonly id: string }[];
  readonly terms: readonly { readonly subjectId: string; readonly terms: readonly SubjectTerm[] }[];
  readonly failures: readonly { readonly subjectId: string }[];
}

/** The session that others of its environment are compared with. */
export interface SessionBaseline {
  readonly anchorNs: number;
  /** Its fastest piece of spinning work; null where it did not spin. */
  readonly chunkNs: number | null;
  /** Its fastest piece of parallel work, over that of a chain; null or absent where there was none. */
  readonly parallelRatio?: number | null;
  /** What the last-level cache usually costs; null or absent where that was not read. */
  readonly hostCache?: HostCache | null;
}

export interface SessionJudgement {
  readonly verdict: SessionVerdict;
  readonly checks: readonly SessionCheck[];
  /** Anchor latency of this session ÷ baseline; 1 where there is no baseline or no anchor. */
  readonly anchorFactor: number;
}

/**
 * Judges the circumstances of a session by causes: affinity as read back, waiting for the core, time taken by the host,
 * pressure, memory, the core's speed and who shares it, the last-level cache, and the anchor against the device's baseline.
 * @param baseline null for the first session of an environment
 */
export function judgeSession(session: JudgedSession, baseline: SessionBaseline | null): SessionJudgement {
  const observations = readObservations(session.observations);
  const probes = probesWithCauses(session);
  const anchor = anchorCheck(readAnchor(session, probes), baseline?.anchorNs ?? null);
  if (isComputed(session)) {
    return { verdict: verdictOf([anchor.check]), checks: [anchor.check], anchorFactor: anchor.factor };
  }
  const coreWait = coreWaitCheck(session.probes, observations);
  const waitingIsKnown = coreWait.state !== 'unobservable';
  const sharing = coreSharingCheck(session.probes, observations, baseline?.parallelRatio ?? null);
  const cache = cacheCheck(observations, baseline?.hostCache ?? null);
  const checks = [
    affinityCheck(observations),
    coreWait,
    stoppedCheck(session.probes),
    hostGapsCheck(observations),
    coreSpeedCheck(observations, baseline?.chunkNs ?? null),
    ...(sharing === null ? [] : [sharing]),
    frequencyCheck(observations),
    pressureCheck(observations, waitingIsKnown),
    memoryCheck(observations),
    loadCheck(observations, waitingIsKnown),
    ...(cache === null ? [] : [cache]),
    anchor.check,
  ];
  return { verdict: verdictOf(checks), checks, anchorFactor: anchor.factor };
}

/** Raw samples by graph, with all that is known of each visit: what {@link summarizeSubject} takes. */
export function probesWithCauses<Probe extends GraphVisits>(session: {
  readonly environment?: JudgedSession['environment'];
  readonly observations: Readonly<Record<string, unknown>>;
  readonly probes: readonly Probe[];
}): ReadonlyMap<string, Probe> {
  const { processes } = readObservations(session.observations);
  const bestRatio = bestParallelRatio(session.probes);
  return new Map(
    session.probes.map((probe) => [
      probe.graphId,
      isComputed(session)
        ? { ...probe, visitWaitShare: [], causes: [] }
        : { ...probe, takenShares: spinShares(probe, processes, bestRatio) },
    ]),
  );
}

/** Whether durations come from a formula, not from a clock: they owe nothing to the circumstances. */
function isComputed({ environment }: Pick<JudgedSession, 'environment'>): boolean {
  return environment?.flags.durations === 'computed';
}

/** What the readings of the core between a session's rounds are, as a baseline for others. */
export function readingsBaseline(
  observations: Readonly<Record<string, unknown>>,
): Pick<SessionBaseline, 'chunkNs' | 'parallelRatio'> {
  const { processes } = readObservations(observations);
  const chunksNs = processes.flatMap(({ probes }) => probes.map(({ chunkNs }) => chunkNs));
  return {
    chunkNs: chunksNs.length === 0 ? null : extremes(chunksNs).least,
    parallelRatio: leastParallelRatio(processes),
  };
}

function readAnchor(session: JudgedSession, probes: ReadonlyMap<string, ProbeVisits>): AnchorReading {
  const anchor = session.subjects.find(({ kind }) => kind === 'anchor');
  if (anchor === undefined) return { kind: 'absent' };
  const terms = session.terms.find(({ subjectId }) => subjectId === anchor.id)?.terms;
  const failed = session.failures.some(({ subjectId }) => subjectId === anchor.id);
  if (failed || terms === undefined) return { kind: 'failed' };
  return { kind: 'measured', latencyNs: summarizeSubject(terms, probes).latencyNs };
}
