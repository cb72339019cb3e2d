import { COMPACT, WIDE } from '../../../charts/chart-size.js';
import { intervalChart } from '../../../charts/interval-chart.js';
import { element, escapeMarkup } from '../../../charts/markup.js';
import { isRival, type ResultRow, shownEvaluation } from '../../../charts/result-rows.js';
import { compactCount, percent, points } from '../../../charts/text/figures.js';
import type { AdaptationView } from '../../../contracts/adaptation.js';
import type { Evaluation } from '../../../contracts/job.js';
import { indistinguishable } from '../../../core/measurement/indistinguishable.js';
import { dataTable } from '../data-table.js';
import { section } from '../figure-block.js';
import { quantisedWords, type ReportContext } from '../report-context.js';

/** The networks side by side: the adapted one, the seed, and what a uniform multiplier gives at the same latency. */
export function results({ data, unit, rows }: ReportContext): string {
  if (rows.length === 0) return '';
  const quantised = quantisedWords(data);
  const table = dataTable(
    'Compared networks: latency with interval, accuracy, MACs, parameters',
    [
      { title: 'network' },
      { title: 'how' },
      { title: `latency (${unit.name})`, numeric: true },
      { title: 'interval', numeric: true },
      { title: quantised === null ? 'accuracy' : 'accuracy before quantisation', numeric: true },
      { title: 'MACs', numeric: true },
      { title: 'parameters', numeric: true },
    ],
    rows.map((row) => resultCells(row, unit.figure)),
    { stacked: true, rowClass: (index) => (rows[index]!.role === 'adapted' ? 'adapted' : undefined) },
  );
  const draw = (size: typeof WIDE) => intervalChart(rows, data.adaptation.budgetMs, unit, size);
  return section(
    'results',
    'Results',
    element('p', { class: 'lead' }, escapeMarkup(lead(rows))),
    table,
    element('div', { class: 'wide', style: 'margin-top:28px' }, draw(WIDE)),
    element('div', { class: 'compact', style: 'margin-top:20px' }, draw(COMPACT)),
    element(
      'p',
      { class: 'lead', style: 'margin-top:20px' },
      escapeMarkup(comparison(rows, noiseOf(data.adaptation))),
    ),
    element('p', { class: 'note' }, escapeMarkup([quantised ?? '', note(rows)].join(' ').trim())),
  );
}

function lead(rows: readonly ResultRow[]): string {
  const rivals = rows.filter(isRival);
  if (rivals.length === 0) return 'The adapted network beside its seed, measured on the same device.';
  const macs = rivals.some(({ role }) => role === 'macs-rival')
    ? ' “By MACs” is the same algorithm with MACs for its only guide, ended at the same measured latency.'
    : '';
  return (
    'The adapted network beside its seed and beside the plain alternative: the seed with all widths multiplied by one ' +
    'factor, chosen so that it meets the same measured latency; stepped widths are rounded up to the device’s channel ' +
    `step, which makes them the fairer rival.${macs} All had the same final training.`
  );
}

function resultCells(row: ResultRow, figure: (latencyMs: number) => string): readonly string[] {
  const { latencyMs, interval, macs, params } = row.network;
  return [
    row.name,
    row.note,
    latencyMs === null ? '–' : figure(latencyMs),
    interval === null ? '–' : `${figure(interval.lowMs)} – ${figure(interval.highMs)}`,
    accuracyCell(row),
    compactCount(macs),
    compactCount(params),
  ];
}

/** Accuracy with the 95 % interval of the sample it was counted on. */
function accuracyCell(row: ResultRow): string {
  const evaluation = shownEvaluation(row.network);
  if (evaluation === null) return '–';
  return `${(evaluation.accuracy * 100).toFixed(2)} ± ${percent(1.96 * samplingError(evaluation))}`;
}

function note(rows: readonly ResultRow[]): string {
  const tested = rows.filter((row) => row.network.test !== null);
  const level = rows.find((row) => row.network.interval !== null)?.network.interval?.level;
  const set =
    tested.length === rows.length
      ? `Accuracy is that on the test set (${tested[0]?.network.test?.count.toLocaleString('en')} images), read once, after all choices were made; ± is its sampling error. `
      : 'Accuracy is that on the holdout where the test set was not read. ';
  const interval = level === undefined ? '' : `Intervals of latency hold ${Math.round(level * 100)} %. `;
  return `${set}${interval}Every row is one training run: another random seed moves accuracy by a few tenths of a point.`;
}

/** On the device that the rows were measured on; null for runs that did not get so far. */
function noiseOf({ reach, request }: AdaptationView): number | null {
  return reach.find(({ device }) => device === request.device)?.noise ?? null;
}

/** Whether the adapted network is better than its rivals, or whether that cannot be told. */
function comparison(rows: readonly ResultRow[], noise: number | null): string {
  const adapted = rows.find((row) => row.role === 'adapted');
  const own = adapted === undefined ? null : shownEvaluation(adapted.network);
  if (own === null) return '';
  return rows
    .flatMap((row) => {
      const other = isRival(row) ? shownEvaluation(row.network) : null;
      if (other === null) return [];
      const difference = own.accuracy - other.accuracy;
      const margin = 1.96 * Math.hypot(samplingError(own), samplingError(other));
      const verdict =
        Math.abs(difference) <= margin
          ? 'within sampling error, a tie on this data'
          : difference > 0
            ? 'beyond sampling error'
            : 'worse, beyond sampling error';
      return [
        `Against “${row.name}” the adapted network stands at ${points(difference)} points (±${points(margin).slice(1)}): ${verdict}` +
          `${latencyWords(adapted!.network.latencyMs, row.network.latencyMs, noise)}.`,
      ];
    })
    .join(' ');
}

/** How the latencies of two rows compare, where that is more than the page's noise can tell. */
function latencyWords(ownMs: number | null, otherMs: number | null, noise: number | null): string {
  if (ownMs === null || otherMs === null || noise === null) return '';
  if (indistinguishable(ownMs, otherMs, noise)) return '; their latencies are indistinguishable';
  return `; it is ${percent(Math.abs(otherMs / ownMs - 1), 1)} ${otherMs > ownMs ? 'slower' : 'faster'} than the adapted network`;
}

/** Standard deviation of an accuracy p counted on n images: √(p(1−p)/n). */
function samplingError({ accuracy, count }: Evaluation): number {
  return count > 0 ? Math.sqrt((accuracy * (1 - accuracy)) / count) : 0;
}
