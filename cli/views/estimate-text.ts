import { percent } from '../../charts/text/figures.js';
import { type LatencyUnit, latencyUnit } from '../../charts/text/latency-unit.js';
import type { Candidate } from '../../contracts/candidate.js';
import type { EstimateAnswer, EstimateView } from '../../contracts/http/estimate.js';
import { candidateOptionWords } from '../text/candidate-name.js';
import { terminalTable } from '../text/terminal-table.js';

/** One line for each candidate on each device, then the ops where they were asked for. */
export function estimateText(
  { estimates }: EstimateAnswer,
  candidates: readonly Candidate[],
  withOps: boolean,
): string {
  const unit = latencyUnit(Math.max(0, ...estimates.map((view) => view.latencyMs ?? view.partialMs ?? 0)));
  const blocks = [summary(estimates, candidates, unit)];
  if (withOps) blocks.push(...estimates.map((view) => opBlock(view, unit)));
  const derived = estimates.filter((view) => view.derived > 0);
  if (derived.length > 0) {
    blocks.push(
      `${derived.length} of ${estimates.length} stand in part on measured neighbours of ops (snapped to the channel step, or ` +
        'interpolated): their intervals are wider. lutra measure replaces them.',
    );
  }
  const ties = estimates.filter((view) => view.rank?.best === 1).length;
  if (ties > 1 && new Set(estimates.map(({ device }) => device)).size === 1) {
    blocks.push(`${ties} of ${estimates.length} cannot be told from the fastest.`);
  }
  const incomplete = estimates.filter((view) => view.missing.length > 0);
  if (incomplete.length > 0) {
    blocks.push(
      `${incomplete.length} of ${estimates.length} are incomplete: the table lacks ops. ` +
        '≥ is what the known ops come to. lutra measure fills the table.',
    );
  }
  return blocks.join('\n\n');
}

function summary(
  estimates: readonly EstimateView[],
  candidates: readonly Candidate[],
  unit: LatencyUnit,
): string {
  return terminalTable(
    [
      { title: 'network' },
      { title: 'options' },
      { title: 'device' },
      { title: `${estimates[0]?.target ?? 'steady'}, ${unit.name}`, numeric: true },
      { title: 'interval', numeric: true },
      { title: 'ops known', numeric: true },
    ],
    estimates.map((view) => [
      view.name,
      candidateOptionWords(candidates[view.candidate] ?? {}),
      view.device,
      latencyWords(view, unit),
      view.interval === null
        ? '–'
        : `${unit.figure(view.interval.lowMs)} – ${unit.figure(view.interval.highMs)}`,
      coverageWords(view),
    ]),
  );
}

function coverageWords({ coverage, derived }: EstimateView): string {
  return derived > 0 ? `${percent(coverage, 0)} + ${percent(derived, 0)} derived` : percent(coverage, 0);
}

function latencyWords(view: EstimateView, unit: LatencyUnit): string {
  if (view.latencyMs !== null) return unit.figure(view.latencyMs);
  return view.partialMs === null ? 'unknown' : `≥ ${unit.figure(view.partialMs)}`;
}

function opBlock(view: EstimateView, unit: LatencyUnit): string {
  const table = terminalTable(
    [
      { title: 'op' },
      { title: 'count', numeric: true },
      { title: unit.name, numeric: true },
      { title: 'share', numeric: true },
      { title: 'source' },
    ],
    (view.ops ?? []).map((op) => [
      op.key,
      String(op.count),
      op.latencyMs === null ? 'unknown' : unit.figure(op.latencyMs),
      op.share === null ? '–' : percent(op.share, 1),
      op.source ?? 'missing',
    ]),
  );
  return `${view.name} on ${view.device}\n\n${table}`;
}
