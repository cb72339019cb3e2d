import type { AdaptationView } from '../contracts/adaptation.js';
import { bottomAxis, leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { type LinearScale, linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { accuracyOf, chosenPoints, type Point, placedRows, proposalPoints } from './path-points.js';
import type { ResultRow } from './result-rows.js';
import { spreadLabels } from './spread-labels.js';
import { chart, label, linePath, tooltip } from './svg.js';
import { percent } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

interface Scales {
  readonly x: LinearScale;
  readonly y: LinearScale;
  readonly area: PlotArea;
  readonly unit: LatencyUnit;
}

/**
 * Latency against accuracy: every proposal a point, the chosen networks joined, the budget a line, and the networks of
 * the final comparison as diamonds.
 */
export function pathChart(view: AdaptationView, unit: LatencyUnit, size: ChartSize): string {
  const proposals = proposalPoints(view, unit);
  const chosen = chosenPoints(view, unit);
  const finals = placedRows(view);
  const scales = fitScales(view, proposals, chosen, finals, unit, size);
  const { x, y, area } = scales;
  return chart(
    { width: size.width, height: area.bottom + 46 },
    'Latency against accuracy of every proposal, of the chosen networks and of the final comparison',
    [
      budgetMark(view.budgetMs, scales),
      bottomAxis(x, area, `latency (${unit.name})`, (value) => value.toFixed(x.decimals)),
      leftAxis(y, area, 'accuracy (%)', (value) => value.toFixed(y.decimals)),
      element('g', { class: 'proposals' }, ...proposals.map((point) => proposalMark(point, scales))),
      element('path', {
        class: 'path',
        d: linePath(chosen.map((point) => [x(point.latencyMs * unit.scale), y(point.accuracy * 100)])),
      }),
      element('g', { class: 'chosen' }, ...chosen.map((point) => chosenMark(point, scales))),
      ...finals.map((row) => trainingLink(row, chosen, scales)),
      ...finals.map((row) => finalMark(row, scales)),
      finalLabels(finals, scales),
    ],
  );
}

/** Proposals that lie below the plot, so that a caption can say how many. */
export function proposalsBelow(view: AdaptationView, unit: LatencyUnit, size: ChartSize): number {
  const proposals = proposalPoints(view, unit);
  const finals = placedRows(view);
  const { y } = fitScales(view, proposals, chosenPoints(view, unit), finals, unit, size);
  return proposals.filter((point) => point.accuracy * 100 < y.domain[0]).length;
}

function fitScales(
  view: AdaptationView,
  proposals: readonly Point[],
  chosen: readonly Point[],
  finals: readonly ResultRow[],
  unit: LatencyUnit,
  size: ChartSize,
): Scales {
  const area = { left: 52, right: size.width - 12, top: 34, bottom: size.compact ? 330 : 430 };
  const latencies = [
    ...proposals.map((point) => point.latencyMs),
    ...chosen.map((point) => point.latencyMs),
    ...finals.flatMap(({ network }) => [
      network.latencyMs!,
      network.interval?.lowMs ?? network.latencyMs!,
      network.interval?.highMs ?? network.latencyMs!,
    ]),
    ...(view.budgetMs === null ? [] : [view.budgetMs]),
  ].map((latencyMs) => latencyMs * unit.scale);
  const kept = [...chosen.map((point) => point.accuracy), ...finals.map(accuracyOf)];
  const sorted = proposals.map((point) => point.accuracy).sort((a, b) => a - b);
  // A handful of ruined proposals must not squeeze everything else into the top line.
  const usual = sorted.length === 0 ? [] : [sorted[Math.floor(sorted.length * 0.1)]!, sorted.at(-1)!];
  const accuracies = [...kept, ...usual].map((accuracy) => accuracy * 100);
  const [lowX, highX] = spanOf(latencies);
  const [lowY, highY] = spanOf(accuracies);
  const padX = (highX - lowX) * (size.compact ? 0.06 : 0.05);
  const padY = (highY - lowY) * 0.06;
  return {
    area,
    unit,
    x: linearScale([Math.max(0, lowX - padX), highX + padX], [area.left, area.right], {
      about: size.compact ? 4 : 8,
    }),
    y: linearScale([lowY - padY, Math.min(100, highY + padY)], [area.bottom, area.top], { about: 5 }),
  };
}

function spanOf(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return high > low ? [low, high] : [low * 0.95, low * 1.05 + 1e-6];
}

function budgetMark(budgetMs: number | null, { x, area, unit }: Scales): string {
  if (budgetMs === null) return '';
  const at = x(budgetMs * unit.scale);
  return (
    element('rect', {
      class: 'within-budget',
      x: area.left,
      y: area.top,
      width: Math.max(0, at - area.left),
      height: area.bottom - area.top,
    }) +
    element('line', { class: 'budget', x1: at, x2: at, y1: area.top - 6, y2: area.bottom }) +
    label(at, area.top - 12, `budget ${unit.format(budgetMs)}`, {
      class: 'budget-label',
      'text-anchor': at < area.left + 70 ? 'start' : 'middle',
    })
  );
}

function proposalMark(point: Point, { x, y, area, unit }: Scales): string {
  const cx = x(point.latencyMs * unit.scale);
  const cy = y(point.accuracy * 100);
  if (cy > area.bottom) {
    const top = area.bottom - 7;
    return element(
      'path',
      { class: 'proposal-below', d: `M${(cx - 3).toFixed(1)} ${top}h6l-3 5z` },
      tooltip(point.title),
    );
  }
  return element('circle', { class: 'proposal', cx, cy, r: 2.6 }, tooltip(point.title));
}

function chosenMark(point: Point, { x, y, unit }: Scales): string {
  return element(
    'circle',
    { cx: x(point.latencyMs * unit.scale), cy: y(point.accuracy * 100), r: 4.2 },
    tooltip(point.title),
  );
}

/** From where a network stood on the path to where its final training brought it. */
function trainingLink(row: ResultRow, chosen: readonly Point[], { x, y, unit }: Scales): string {
  const from = row.role === 'seed' ? chosen[0] : row.role === 'adapted' ? chosen.at(-1) : undefined;
  if (from === undefined) return '';
  return element('line', {
    class: 'training-link',
    x1: x(from.latencyMs * unit.scale),
    y1: y(from.accuracy * 100),
    x2: x(row.network.latencyMs! * unit.scale),
    y2: y(accuracyOf(row) * 100),
  });
}

function finalMark(row: ResultRow, { x, y, unit }: Scales): string {
  const { network } = row;
  const cx = x(network.latencyMs! * unit.scale);
  const cy = y(accuracyOf(row) * 100);
  const whisker =
    network.interval === null
      ? ''
      : element('line', {
          class: 'whisker',
          x1: x(network.interval.lowMs * unit.scale),
          x2: x(network.interval.highMs * unit.scale),
          y1: cy,
          y2: cy,
        });
  return element(
    'g',
    { class: `final ${row.role}` },
    tooltip(
      `${row.name} (${row.note}): ${unit.format(network.latencyMs!)}, ` +
        `${network.test === null ? 'holdout' : 'test'} ${percent(accuracyOf(row))}`,
    ),
    whisker,
    element('path', { d: diamond(cx, cy, 6.5) }),
  );
}

function diamond(cx: number, cy: number, radius: number): string {
  return `M${cx.toFixed(2)} ${(cy - radius).toFixed(2)}l${radius} ${radius}l${-radius} ${radius}l${-radius} ${-radius}z`;
}

/** Names beside their diamonds, moved apart where several networks meet the same latency. */
function finalLabels(finals: readonly ResultRow[], { x, y, area, unit }: Scales): string {
  const centre = (area.left + area.right) / 2;
  const sides = [
    finals.filter((row) => x(row.network.latencyMs! * unit.scale) <= centre),
    finals.filter((row) => x(row.network.latencyMs! * unit.scale) > centre),
  ];
  return sides
    .flatMap((rows, side) =>
      spreadLabels(
        rows.map((row) => ({ item: row, wantedY: y(accuracyOf(row) * 100) })),
        16,
        [area.top + 8, area.bottom - 8],
      ).map(({ item, y: placedY }) => {
        const toLeft = side === 1;
        const { latencyMs, interval } = item.network;
        const beside = (toLeft ? interval?.lowMs : interval?.highMs) ?? latencyMs!;
        return label(x(beside * unit.scale) + (toLeft ? -9 : 9), placedY + 4, item.name, {
          class: `final-label ${item.role}`,
          'text-anchor': toLeft ? 'end' : 'start',
        });
      }),
    )
    .join('');
}
