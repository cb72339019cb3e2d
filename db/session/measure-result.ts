import type { MeasureResult } from '../../contracts/job.js';
import type { TimingTarget, Verdict } from '../../contracts/measurement.js';
import type { TableEntry } from '../../core/latency/latency-table.js';
import type { JudgedReport, SubjectOutcome } from './judge-report.js';

type NetworkResult = MeasureResult['networks'][number];
type OpResult = MeasureResult['ops'][number];

/** An entry that the table had already, with the verdict of its measurement. */
export interface KnownOp extends TableEntry {
  readonly verdict: Verdict;
}

/** What a session and the table together answer to a measure job, at the level of the anchor baseline. */
export function measureResult(
  sessionId: number | null,
  judged: JudgedReport | null,
  known: readonly KnownOp[],
  target: TimingTarget = 'steady',
): MeasureResult {
  const networks: NetworkResult[] = [];
  const ops: OpResult[] = [];
  for (const outcome of judged?.outcomes ?? []) {
    const { subject, failure } = outcome;
    if (subject.kind === 'anchor') continue;
    const figures = { ...figuresOf(outcome, judged!), failure };
    if (subject.kind === 'network') {
      const { openNs, firstNs, typicalNs } = outcome;
      const coldMs = {
        openMs: openNs && openNs / 1e6,
        firstMs: firstNs && firstNs / 1e6,
        typicalMs: typicalNs && typicalNs / 1e6 / judged!.anchorFactor,
      };
      networks.push({ networkHash: subject.networkHash, ...figures, ...coldMs });
    } else ops.push({ key: subject.key, ...figures, source: 'measured' });
  }
  for (const { key, latencyNs, lowNs, highNs, verdict } of known) {
    ops.push({ key, ...inMs(latencyNs, lowNs, highNs), verdict, source: 'table', failure: null });
  }
  const first = networks[0];
  return {
    kind: 'measure',
    sessionId,
    target,
    anchorFactor: judged?.anchorFactor ?? null,
    opFactor: judged?.opFactor ?? null,
    latencyMs: first?.latencyMs ?? null,
    interval: first?.interval ?? null,
    verdict: first === undefined ? (judged?.verdict ?? null) : first.verdict,
    networks,
    ops,
  };
}

function figuresOf(
  { subject, summary, verdict, reasons }: SubjectOutcome,
  { anchorFactor, opFactor }: JudgedReport,
) {
  if (summary === null) return { latencyMs: null, interval: null, verdict: null };
  const { latencyNs, lowNs, highNs, precision } = summary;
  const level = subject.kind === 'op' ? opFactor : anchorFactor;
  const figures = inMs(latencyNs / level, lowNs / level, highNs / level);
  return { ...figures, verdict, reasons: [...reasons], precision };
}

function inMs(latencyNs: number, lowNs: number, highNs: number) {
  return { latencyMs: latencyNs / 1e6, interval: { lowMs: lowNs / 1e6, highMs: highNs / 1e6, level: 0.95 } };
}
