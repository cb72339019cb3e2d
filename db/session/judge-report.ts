import type { Check, FailureKind, SessionReport, Subject, Verdict } from '../../contracts/measurement.js';
import { judgeSession } from '../../core/measurement/judge-session.js';
import { implausibleReason } from '../../core/measurement/plausible.js';
import { type SubjectSummary, summarizeSubject } from '../../core/measurement/summarize-subject.js';
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
}

export interface JudgedReport {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** Latencies of the session are divided by it. */
  readonly anchorFactor: number;
  /** Why the verdict is not `trusted`. */
  readonly reasons: readonly string[];
  readonly outcomes: readonly SubjectOutcome[];
}

/**
 * Turns the raw samples of a session into summaries and a verdict. A subject without samples, or with durations that
 * cannot be, becomes a failure: a measuring child is not believed.
 * @param anchorBaselineNs null for the first session of an environment
 */
export function judgeReport(report: SessionReport, anchorBaselineNs: number | null): JudgedReport {
  const outcomes = summarizeSubjects(report);
  const failures = outcomes.flatMap(({ subject, failure }) => (failure ? [{ subjectId: subject.id }] : []));
  const { verdict, checks, anchorFactor } = judgeSession({ ...report, failures }, anchorBaselineNs);
  return {
    verdict,
    checks: [...checks],
    anchorFactor,
    reasons: checks
      .filter(({ state }) => state === 'warn' || state === 'fail')
      .map(({ name, detail }) => `${name}: ${detail}`),
    outcomes,
  };
}

function summarizeSubjects(report: SessionReport): readonly SubjectOutcome[] {
  const probes = new Map(report.probes.map((probe) => [probe.graphId, probe]));
  const failures = new Map(report.failures.map((failure) => [failure.subjectId, failure]));
  const termsOf = new Map(report.terms.map(({ subjectId, terms }) => [subjectId, mergeTerms(terms)]));
  return report.subjects.map((subject) => {
    const terms = termsOf.get(subject.id) ?? [];
    const failure = failures.get(subject.id);
    if (failure !== undefined) {
      return { subject, terms, summary: null, failure: { kind: failure.kind, message: failure.message } };
    }
    const nonsense = (message: string): SubjectOutcome => ({
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
    const summary = summarizeSubject(terms, probes);
    const reason = implausibleReason(
      Math.round(summary.latencyNs),
      macsOf(subject),
      report.environment.threads,
    );
    return reason === null ? { subject, terms, summary, failure: null } : nonsense(reason);
  });
}

/** A graph that is named twice counts with the sum of both. */
function mergeTerms(terms: readonly SubjectTerms[]): readonly SubjectTerms[] {
  const merged = new Map<string, number>();
  for (const { graphId, coefficient } of terms) merged.set(graphId, (merged.get(graphId) ?? 0) + coefficient);
  return [...merged].map(([graphId, coefficient]) => ({ graphId, coefficient }));
}

function macsOf(subject: Subject): number {
  return subject.kind === 'op' ? opMacs(decodeOpKey(subject.key)) : countMacs(subject.network as Network);
}
