import { type AnchorReading, anchorCheck } from './anchor-check.js';
import { type Observations, readObservations } from './observations.js';
import { type SessionCheck, type SessionVerdict, verdictOf } from './session-check.js';
import { type SubjectTerm, summarizeSubject } from './summarize-subject.js';
import { MAX_WAIT_SHARE, type ProbeVisits } from './visit-values.js';

/** What a verdict is based on; a `SessionReport` fits. */
export interface JudgedSession {
  readonly observations: Readonly<Record<string, unknown>>;
  readonly probes: readonly (ProbeVisits & { readonly graphId: string })[];
  readonly subjects: readonly { readonly kind: string; readonly id: string }[];
  readonly terms: readonly { readonly subjectId: string; readonly terms: readonly SubjectTerm[] }[];
  readonly failures: readonly { readonly subjectId: string }[];
}

export interface SessionJudgement {
  readonly verdict: SessionVerdict;
  readonly checks: readonly SessionCheck[];
  /** Anchor latency of this session ÷ baseline; 1 where there is no baseline or no anchor. */
  readonly anchorFactor: number;
}

/** More visits than this share under waiting make a session suspect, and most of them worthless. */
const WAITING_VISITS = { warn: 0.1, fail: 0.5 } as const;

/** The kernel's own threads switch an undisturbed pinned process away now and then, in bursts. */
const SWITCHES_WARN = { base: 10, perSecond: 100 } as const;

/**
 * Judges the circumstances of a session by causes: affinity as read back, waiting for the core, involuntary switches,
 * load, and the anchor against the device's baseline.
 * @param anchorBaselineNs the device's anchor latency in this environment; null for its first session
 */
export function judgeSession(session: JudgedSession, anchorBaselineNs: number | null): SessionJudgement {
  const observations = readObservations(session.observations);
  const anchor = anchorCheck(readAnchor(session), anchorBaselineNs);
  const checks = [
    affinityCheck(observations),
    waitCheck(session.probes),
    switchesCheck(observations),
    loadCheck(observations),
    anchor.check,
  ];
  return { verdict: verdictOf(checks), checks, anchorFactor: anchor.factor };
}

function affinityCheck({ cpuRequested, affinityBefore, affinityAfter }: Observations): SessionCheck {
  const name = 'affinity';
  if (cpuRequested === undefined) return { name, state: 'warn', detail: 'not pinned to a core' };
  if (affinityBefore === undefined || affinityAfter === undefined)
    return { name, state: 'unobservable', detail: 'the allowed cores cannot be read' };
  const held = affinityBefore === String(cpuRequested) && affinityAfter === affinityBefore;
  return {
    name,
    state: held ? 'pass' : 'fail',
    detail: held
      ? `core ${cpuRequested} before and after`
      : `asked for core ${cpuRequested}, allowed ${affinityBefore} before and ${affinityAfter} after`,
  };
}

function waitCheck(probes: readonly ProbeVisits[]): SessionCheck {
  const name = 'core-wait';
  const shares = probes.flatMap((probe) => (probe.visitWaitShare ?? []).filter((share) => share !== null));
  if (shares.length === 0)
    return { name, state: 'unobservable', detail: 'the scheduler does not show waiting times' };
  const waiting = shares.filter((share) => share > MAX_WAIT_SHARE).length / shares.length;
  const state = waiting > WAITING_VISITS.fail ? 'fail' : waiting > WAITING_VISITS.warn ? 'warn' : 'pass';
  return {
    name,
    state,
    detail: `${(waiting * 100).toFixed(1)} % of visits waited for the core over ${MAX_WAIT_SHARE * 100} % of their time`,
  };
}

function switchesCheck({ involuntarySwitches, timedMs }: Observations): SessionCheck {
  const name = 'involuntary-switches';
  if (involuntarySwitches === undefined || timedMs === undefined || timedMs <= 0)
    return { name, state: 'unobservable', detail: 'involuntary switches cannot be read' };
  const usual = SWITCHES_WARN.base + (SWITCHES_WARN.perSecond * timedMs) / 1000;
  return {
    name,
    state: involuntarySwitches > usual ? 'warn' : 'pass',
    detail: `${involuntarySwitches} in ${timedMs.toFixed(0)} ms of timed visits`,
  };
}

function loadCheck({ loadBefore, loadAfter, coreCount }: Observations): SessionCheck {
  const name = 'load';
  if (loadBefore === undefined || loadAfter === undefined || coreCount === undefined)
    return { name, state: 'unobservable', detail: 'the load average cannot be read' };
  const overloaded = Math.max(loadBefore, loadAfter) > coreCount + 1;
  return {
    name,
    state: overloaded ? 'warn' : 'pass',
    detail: `load average ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after, on ${coreCount} cores`,
  };
}

function readAnchor(session: JudgedSession): AnchorReading {
  const anchor = session.subjects.find(({ kind }) => kind === 'anchor');
  if (anchor === undefined) return { kind: 'absent' };
  const terms = session.terms.find(({ subjectId }) => subjectId === anchor.id)?.terms;
  const failed = session.failures.some(({ subjectId }) => subjectId === anchor.id);
  if (failed || terms === undefined) return { kind: 'failed' };
  const probes = new Map(session.probes.map((probe) => [probe.graphId, probe]));
  return { kind: 'measured', latencyNs: summarizeSubject(terms, probes).latencyNs };
}
