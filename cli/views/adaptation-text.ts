import { resultRows, shownEvaluation } from '../../charts/result-rows.js';
import { amountText, resourceText } from '../../charts/text/amount-text.js';
import { chosenText } from '../../charts/text/chosen-text.js';
import { change, compactCount, percent, points } from '../../charts/text/figures.js';
import { type LatencyUnit, latencyUnit } from '../../charts/text/latency-unit.js';
import { quantisedText } from '../../charts/text/quantised-text.js';
import { reachText, widthsBuyLittle } from '../../charts/text/reach-text.js';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { AdaptationSummary } from '../../contracts/http/adaptations.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';

/** A run as far as it has come: its path, its networks side by side, and whether the budget was met. */
export function adaptationText(view: AdaptationView): string {
  const unit = adaptationUnit(view);
  const blocks = [`${view.id}  ${view.status}, ${view.phase}`];
  if (view.iterations.length > 0) blocks.push(pathTable(view, unit));
  if (resultRows(view).length > 0) blocks.push(resultTable(view, unit));
  if (view.budget.length > 1) blocks.push(budgetTable(view, unit));
  const warnings = view.reach.filter(widthsBuyLittle).map((reach) => reachText(reach, unit));
  if (warnings.length > 0) blocks.push(warnings.join('\n'));
  const quantised = quantisedText(view.reach);
  if (quantised !== null) blocks.push(quantised);
  blocks.push(verdictLine(view, unit));
  return blocks.join('\n\n');
}

export function adaptationUnit(view: AdaptationView): LatencyUnit {
  return latencyUnit(Math.max(view.seed?.latencyMs ?? 0, view.budgetMs ?? 0));
}

function pathTable(view: AdaptationView, unit: LatencyUnit): string {
  return terminalTable(
    [
      { title: 'iteration', numeric: true },
      { title: 'cut' },
      { title: 'target', numeric: true },
      { title: `estimate ${unit.name}`, numeric: true },
      { title: `measured ${unit.name}`, numeric: true },
      { title: 'holdout', numeric: true },
    ],
    view.iterations.map((iteration) => [
      String(iteration.index + 1),
      chosenText(iteration, '–'),
      amountText(iteration.resource, iteration.target, view.request.device, unit),
      iteration.network?.estimateMs == null ? '–' : unit.figure(iteration.network.estimateMs),
      iteration.network?.latencyMs == null ? '–' : unit.figure(iteration.network.latencyMs),
      iteration.network?.holdout == null ? '–' : percent(iteration.network.holdout.accuracy),
    ]),
  );
}

/** Seed, adapted network and baselines side by side. */
export function resultTable(view: AdaptationView, unit: LatencyUnit): string {
  return terminalTable(
    [
      { title: 'network' },
      { title: 'how' },
      { title: unit.name, numeric: true },
      { title: 'interval', numeric: true },
      { title: 'accuracy', numeric: true },
      { title: 'MACs', numeric: true },
      { title: 'params', numeric: true },
    ],
    resultRows(view).map(({ name, note, network }) => {
      const evaluation = shownEvaluation(network);
      const { interval } = network;
      return [
        name,
        note,
        network.latencyMs === null ? '–' : unit.figure(network.latencyMs),
        interval === null ? '–' : `${unit.figure(interval.lowMs)} – ${unit.figure(interval.highMs)}`,
        evaluation === null
          ? '–'
          : `${percent(evaluation.accuracy)}${network.test === null ? ' (holdout)' : ''}`,
        compactCount(network.macs),
        compactCount(network.params),
      ];
    }),
  );
}

/** Every limit beside what became of it. */
function budgetTable({ budget, request }: AdaptationView, unit: LatencyUnit): string {
  return terminalTable(
    [
      { title: 'limit on' },
      { title: 'seed', numeric: true },
      { title: 'limit', numeric: true },
      { title: 'reached', numeric: true },
      { title: 'kept' },
    ],
    budget.map(({ resource, seed, limit, reached, met }) => {
      const own = resource.kind === 'latency' ? { ...resource, device: request.device } : resource;
      const amount = (value: number): string => amountText(own, value, request.device, unit);
      return [resourceText(resource), amount(seed), amount(limit), amount(reached), met ? 'yes' : 'no'];
    }),
  );
}

/** The run's end in one sentence. */
export function verdictLine(view: AdaptationView, unit: LatencyUnit): string {
  if (view.error !== null) return `${view.status}: ${view.error.message} (${view.error.code})`;
  const rows = resultRows(view);
  const seed = rows.find((row) => row.role === 'seed')?.network;
  const final = view.final;
  if (view.status !== 'finished' || final === null || final.latencyMs === null) {
    return `${view.status}: ${view.progress.note || view.phase}`;
  }
  const met = view.budgetMet === true ? 'Budget met' : 'Budget NOT met';
  const faster = seed?.latencyMs == null ? '' : `, ${change(seed.latencyMs, final.latencyMs)} from the seed`;
  const [before, after] = [seed === undefined ? null : shownEvaluation(seed), shownEvaluation(final)];
  const accuracy =
    before === null || after === null
      ? ''
      : `; accuracy ${points(after.accuracy - before.accuracy)} points to ${percent(after.accuracy)}`;
  const allowed = view.budgetMs === null ? '' : `, ${unit.format(view.budgetMs)} allowed`;
  return `${met}: ${unit.format(final.latencyMs)} measured${allowed}${faster}${accuracy}.`;
}

export function adaptationTable(adaptations: readonly AdaptationSummary[]): string {
  if (adaptations.length === 0) return 'No adaptations.';
  return terminalTable(
    [{ title: 'adaptation' }, { title: 'device' }, { title: 'status' }, { title: 'created' }],
    adaptations.map(({ id, device, status, createdAtMs }) => [id, device, status, compactTime(createdAtMs)]),
  );
}
