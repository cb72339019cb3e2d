import type {
  Check,
  FailureKind,
  ProbeSamples,
  SessionReport,
  Subject,
  Verdict,
} from '../../contracts/measurement.js';
import { type SessionCheck, verdictOf } from '../../core/measurement/checks/session-check.js';
import { subjectChecks } from '../../core/measurement/checks/subject-checks.js';
import { clippedMean } from '../../core/measurement/clipped-mean.js';
import {
  judgeSession,
  probesWithCauses,
  type SessionBaseline,
} from '../../core/measurement/judge-session.js';
import { opLevel } from '../../core/measurement/op-level.js';
import { implausibleReason, leastPlausibleNs } from '../../core/measurement/plausible.js';
import { median } from '../../core/measurement/quantile.js';
import { type SubjectSummary, summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { summedCoefficients } from '../../core/measurement/summed-coefficients.js';
import { countMacs } from '../../core/network/macs.js';
import type { Network } from '../../core/network/network.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs } from '../../core/ops/op-macs.js';

export interface SubjectTerms {
  readonly graphId: string;
  readonly coefficient: number;
}

/** What a session says of one subject: a summary or a failure. */
export interface SubjectOutcome {
  readonly subject: Subject;
  readonly terms: readonly SubjectTerms[];
  readonly summary: SubjectSummary | null;
  readonly failure: { readonly kind: FailureKind; readonly message: string } | null;
  /** The session's verdict, or a worse one for reasons of its own. */
  readonly verdict: Verdict;
  /** Why the verdict is not `trusted`. */
  readonly reasons: readonly string[];
  /** Building and loading, and the first run; null for ops, whose graphs hold more than the op. */
  readonly openNs: number | null;
  readonly firstNs: number | null;
  /** Of whole networks: what a user feels, the machine's short interruptions included. */
  readonly typicalNs: number | null;
}

/** Longer than anyone will measure, and than the database's columns hold. */
const LONGEST_NS = 1e15;

type Probes = ReadonlyMap<string, ProbeSamples>;
type Yield = Pick<SubjectOutcome, 'subject' | 'terms' | 'summary' | 'failure'>;

export interface JudgedReport {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** Latencies of networks in the session are divided by it. */
  readonly anchorFactor: number;
  /** Latencies of ops are divided by it. */
  readonly opFactor: number;
  /** Why the verdict is not `trusted`. */
  readonly reasons: readonly string[];
  readonly outcomes: readonly SubjectOutcome[];
}

/**
 * Turns the raw samples of a session into summaries and a verdict. A subject without samples, or with durations that
 * cannot be, becomes a failure: a measuring child is not believed. The same report and baseline give the same answer to
 * the last digit.
 * @param baseline null for the first session of an environment
 */
export function judgeReport(report: SessionReport, baseline: SessionBaseline | null): JudgedReport {
  const probes = probesWithCauses(report);
  const yields = summarizeSubjects(report, probes);
  const failures = yields.flatMap(({ subject, failure }) => (failure ? [{ subjectId: subject.id }] : []));
  const { verdict, checks, anchorFactor } = judgeSession({ ...report, failures }, baseline);
  return {
    verdict,
    checks: [...checks],
    anchorFactor,
    opFactor: opLevel(anchorFactor),
    reasons: reasonsOf(checks),
    outcomes: yields.map((subject) => judgeSubject(subject, report, probes, checks)),
  };
}

function judgeSubject(
  { subject, terms, summary, failure }: Yield,
  report: SessionReport,
  probes: Probes,
  sessionChecks: readonly SessionCheck[],
): SubjectOutcome {
  const { targetRelativeInterval } = report.plan.protocol;
  const own = summary === null ? [] : subjectChecks({ terms, summary, targetRelativeInterval }, probes);
  const checks = [...sessionChecks, ...own];
  const probe = subject.kind === 'op' ? undefined : probes.get(terms[0]?.graphId ?? '');
  return {
    subject,
    terms,
    summary,
    failure,
    verdict: verdictOf(checks),
    reasons: reasonsOf(checks),
    openNs: summary === null ? null : overProcesses(probe, 'openNs'),
    firstNs: summary === null ? null : overProcesses(probe, 'firstNs'),
    typicalNs: summary === null || probe === undefined ? null : clippedMean(probe),
  };
}

function overProcesses(probe: ProbeSamples | undefined, figure: 'openNs' | 'firstNs'): number | null {
  if (probe === undefined) return null;
  return median((probe.openings ?? [probe]).map((opening) => opening[figure]));
}

function reasonsOf(checks: readonly SessionCheck[]): readonly string[] {
  return checks
    .filter(({ state }) => state === 'warn' || state === 'fail')
    .map(({ name, detail }) => `${name}: ${detail}`);
}

function summarizeSubjects(report: SessionReport, probes: Probes): readonly Yield[] {
  const failures = new Map(report.failures.map((failure) => [failure.subjectId, failure]));
  const termsOf = new Map(report.terms.map(({ subjectId, terms }) => [subjectId, mergedTerms(terms)]));
  return report.subjects.map((subject) => {
    const terms = termsOf.get(subject.id) ?? [];
    const failure = failures.get(subject.id);
    if (failure !== undefined) {
      return { subject, terms, summary: null, failure: { kind: failure.kind, message: failure.message } };
    }
    const nonsense = (message: string): Yield => ({
      subject,
      terms,
      summary: null,
      failure: { kind: 'nonsense', message },
    });
    if (terms.length === 0) return nonsense('the session says nothing of it');
    for (const { graphId } of terms) {
      const samplesNs = probes.get(graphId)?.visitsNs.flat() ?? [];
      if (samplesNs.length === 0) return nonsense(`no samples of graph ${graphId}`);
      for (const sampleNs of samplesNs) {
        const reason = implausibleReason(sampleNs);
        if (reason !== null) return nonsense(`graph ${graphId}: ${reason}`);
      }
    }
    const [macs, { threads }] = [macsOf(subject), report.environment];
    // As it is stored, in whole nanoseconds.
    const summary = summarizeSubject(terms, probes, Math.ceil(leastPlausibleNs(macs, threads)));
    const reason = implausibleReason(Math.round(summary.latencyNs), macs, threads) ?? endlessReason(summary);
    return reason === null ? { subject, terms, summary, failure: null } : nonsense(reason);
  });
}

/** Samples that can be stored may add up to what cannot. */
function endlessReason({ highNs }: SubjectSummary): string | null {
  return highNs <= LONGEST_NS ? null : `its interval reaches to ${highNs} ns`;
}

function mergedTerms(terms: readonly SubjectTerms[]): readonly SubjectTerms[] {
  return [...summedCoefficients(terms)].map(([graphId, coefficient]) => ({ graphId, coefficient }));
}

function macsOf(subject: Subject): number {
  return subject.kind === 'op' ? opMacs(decodeOpKey(subject.key)) : countMacs(subject.network as Network);
}
