import { bottomAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { type LinearScale, linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { type ResultRow, shownEvaluation } from './result-rows.js';
import { chart, label, tooltip } from './svg.js';
import { percent } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** Measured latency of each compared network with its interval, against the budget. */
export function intervalChart(
  rows: readonly ResultRow[],
  budgetMs: number | null,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const shown = rows.filter((row) => row.network.latencyMs !== null);
  const rowHeight = size.compact ? 46 : 34;
  const area: PlotArea = {
    left: size.compact ? 8 : 150,
    right: size.width - (size.compact ? 8 : 96),
    top: 28,
    bottom: 28 + shown.length * rowHeight,
  };
  const highest = Math.max(
    budgetMs ?? 0,
    ...shown.map(({ network }) => network.interval?.highMs ?? network.latencyMs!),
  );
  const x = linearScale([0, highest * unit.scale * 1.04], [area.left, area.right], {
    about: size.compact ? 4 : 8,
  });
  return chart(
    { width: size.width, height: area.bottom + 46 },
    'Measured latency of every compared network with its interval',
    [
      bottomAxis(x, area, `measured latency (${unit.name})`, (value) => value.toFixed(x.decimals)),
      budgetLine(budgetMs, x, area, unit),
      ...shown.map((row, index) => intervalRow(row, area.top + index * rowHeight, rowHeight, x, unit, size)),
    ],
  );
}

function budgetLine(budgetMs: number | null, x: LinearScale, area: PlotArea, unit: LatencyUnit): string {
  if (budgetMs === null) return '';
  const at = x(budgetMs * unit.scale);
  return (
    element('line', { class: 'budget', x1: at, x2: at, y1: area.top - 6, y2: area.bottom }) +
    label(at, area.top - 12, `budget ${unit.format(budgetMs)}`, {
      class: 'budget-label',
      'text-anchor': 'middle',
    })
  );
}

function intervalRow(
  row: ResultRow,
  top: number,
  rowHeight: number,
  x: LinearScale,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const { network } = row;
  const latencyMs = network.latencyMs!;
  const y = top + rowHeight - (size.compact ? 12 : 17);
  const accuracy = shownEvaluation(network);
  const interval = network.interval;
  return element(
    'g',
    { class: `interval ${row.role}` },
    tooltip(
      `${row.name}: ${unit.format(latencyMs)}` +
        (interval === null
          ? ''
          : `, interval ${unit.figure(interval.lowMs)} to ${unit.format(interval.highMs)}`),
    ),
    element('line', { class: 'stem', x1: x(0), x2: x(latencyMs * unit.scale), y1: y, y2: y }),
    interval === null
      ? ''
      : element('line', {
          class: 'whisker',
          x1: x(interval.lowMs * unit.scale),
          x2: x(interval.highMs * unit.scale),
          y1: y,
          y2: y,
        }),
    element('circle', { cx: x(latencyMs * unit.scale), cy: y, r: 5 }),
    label(0, size.compact ? top + 18 : y + 5, row.name, { class: 'row-label' }),
    accuracy === null
      ? ''
      : label(size.width, size.compact ? top + 18 : y + 5, percent(accuracy.accuracy), {
          class: 'row-figure',
          'text-anchor': 'end',
        }),
  );
}
