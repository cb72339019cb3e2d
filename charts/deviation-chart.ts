import type { IterationView } from '../contracts/adaptation.js';
import { leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { type LinearScale, linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import { signed } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** How far an iteration's estimate lay from what was then measured. */
export interface Deviation {
  /** Counted from 1, as people do. */
  readonly iteration: number;
  readonly estimateMs: number;
  readonly measuredMs: number;
  /** estimate / measurement − 1 */
  readonly share: number;
  /** The same against the two ends of the measurement's interval. */
  readonly interval: readonly [number, number] | null;
}

/** One entry for every iteration that was both estimated and measured. */
export function deviations(iterations: readonly IterationView[]): readonly Deviation[] {
  return iterations.flatMap((iteration) => {
    const network = iteration.network;
    if (network === null || network.estimateMs === null || network.latencyMs === null) return [];
    const { estimateMs, latencyMs, interval } = network;
    return [
      {
        iteration: iteration.index + 1,
        estimateMs,
        measuredMs: latencyMs,
        share: estimateMs / latencyMs - 1,
        interval:
          interval === null
            ? null
            : ([estimateMs / interval.highMs - 1, estimateMs / interval.lowMs - 1] as const),
      },
    ];
  });
}

const BAND = 0.05;

/** Estimate against measurement, iteration by iteration, over the band of ±5 %. */
export function deviationChart(entries: readonly Deviation[], unit: LatencyUnit, size: ChartSize): string {
  const area = { left: 52, right: size.width - 12, top: 34, bottom: size.compact ? 230 : 260 };
  const farthest = Math.max(
    0.08,
    ...entries.flatMap((entry) => [entry.share, ...(entry.interval ?? [])]).map(Math.abs),
  );
  const y = linearScale([-farthest * 100, farthest * 100], [area.bottom, area.top], { about: 6, snap: true });
  const spacing = (area.right - area.left) / Math.max(1, entries.length);
  const xOf = (index: number) => area.left + spacing * (index + 0.5);
  return chart(
    { width: size.width, height: area.bottom + 46 },
    'Deviation of each iteration’s estimate from its measurement, in percent',
    [
      element('rect', {
        class: 'band',
        x: area.left,
        width: area.right - area.left,
        y: y(BAND * 100),
        height: y(-BAND * 100) - y(BAND * 100),
      }),
      leftAxis(y, area, 'estimate − measurement (%)', (value) => signed(value, y.decimals)),
      element('line', { class: 'axis', x1: area.left, x2: area.right, y1: y(0), y2: y(0) }),
      label(area.right - 6, y(BAND * 100) + 14, '±5 %', { class: 'band-label', 'text-anchor': 'end' }),
      ...entries.map((entry, index) => deviationMark(entry, xOf(index), y, unit)),
      iterationTicks(entries, xOf, area, spacing),
    ],
  );
}

function deviationMark(entry: Deviation, x: number, y: LinearScale, unit: LatencyUnit): string {
  const whisker =
    entry.interval === null
      ? ''
      : element('line', {
          class: 'whisker',
          x1: x,
          x2: x,
          y1: y(entry.interval[0] * 100),
          y2: y(entry.interval[1] * 100),
        });
  const outside = Math.abs(entry.share) > BAND;
  return element(
    'g',
    { class: outside ? 'deviation outside' : 'deviation' },
    tooltip(
      `Iteration ${entry.iteration}: estimate ${unit.format(entry.estimateMs)}, ` +
        `measured ${unit.format(entry.measuredMs)} (${signed(entry.share * 100, 1)} %)`,
    ),
    whisker,
    element('circle', { cx: x, cy: y(entry.share * 100), r: 4.2 }),
  );
}

function iterationTicks(
  entries: readonly Deviation[],
  xOf: (index: number) => number,
  area: PlotArea,
  spacing: number,
): string {
  const every = Math.max(1, Math.ceil(22 / spacing));
  const ticks = entries
    .map((entry, index) =>
      index % every === 0
        ? label(xOf(index), area.bottom + 18, String(entry.iteration), {
            class: 'tick',
            'text-anchor': 'middle',
          })
        : '',
    )
    .join('');
  return element(
    'g',
    { 'aria-hidden': 'true' },
    ticks,
    label(area.right, area.bottom + 38, 'iteration', { class: 'axis-title', 'text-anchor': 'end' }),
  );
}
