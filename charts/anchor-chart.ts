import { leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

export interface AnchorPoint {
  readonly latencyMs: number;
  readonly verdict: 'trusted' | 'usable' | 'rejected';
  /** Whether it was taken in the environment that the device has now. */
  readonly current: boolean;
  readonly title: string;
}

/**
 * The anchor of every session, oldest first: the same work each time, so that all differences are the device's. The band
 * is the A/A noise around the baseline.
 */
export function anchorChart(
  points: readonly AnchorPoint[],
  baselineMs: number | null,
  noise: number | null,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const area: PlotArea = { left: 52, right: size.width - 12, top: 34, bottom: size.compact ? 190 : 220 };
  const all = [...points.map((point) => point.latencyMs), ...(baselineMs === null ? [] : [baselineMs])];
  const middle = all.reduce((sum, value) => sum + value, 0) / Math.max(1, all.length);
  const reach = Math.max(...all.map((value) => Math.abs(value - middle)), middle * 0.03) * 1.15;
  const y = linearScale(
    [(middle - reach) * unit.scale, (middle + reach) * unit.scale],
    [area.bottom, area.top],
    { about: 5 },
  );
  const spacing = (area.right - area.left) / Math.max(1, points.length);
  const level = baselineMs ?? middle;
  return chart({ width: size.width, height: area.bottom + 26 }, 'Latency of the anchor in every session', [
    noise === null
      ? ''
      : element('rect', {
          class: 'band',
          x: area.left,
          width: area.right - area.left,
          y: y(level * (1 + noise) * unit.scale),
          height: Math.max(1, y(level * (1 - noise) * unit.scale) - y(level * (1 + noise) * unit.scale)),
        }),
    leftAxis(y, area, `anchor (${unit.name})`, (value) => value.toFixed(y.decimals)),
    element('line', { class: 'axis', x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }),
    baselineMs === null
      ? ''
      : element('line', {
          class: 'result',
          x1: area.left,
          x2: area.right,
          y1: y(baselineMs * unit.scale),
          y2: y(baselineMs * unit.scale),
        }),
    ...points.map((point, index) =>
      element(
        'circle',
        {
          class: `anchor ${point.verdict}${point.current ? '' : ' earlier'}`,
          cx: area.left + spacing * (index + 0.5),
          cy: y(point.latencyMs * unit.scale),
          r: 4,
        },
        tooltip(point.title),
      ),
    ),
    label(area.right, area.bottom + 18, 'sessions, the latest last', {
      class: 'axis-title',
      'text-anchor': 'end',
    }),
  ]);
}
