import type { PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { type LinearScale, linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { sequenceChart } from './sequence-chart.js';
import { tooltip } from './svg.js';
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
  const level = baselineMs ?? middle;
  return sequenceChart({
    title: 'Latency of the anchor in every session',
    axisTitle: 'anchor',
    footnote: 'sessions, the latest last',
    width: size.width,
    area,
    y,
    count: points.length,
    levelMs: baselineMs,
    unit,
    under: () => (noise === null ? [] : [noiseBand(level * unit.scale, noise, area, y)]),
    marks: ({ x }) =>
      points.map((point, index) =>
        element(
          'circle',
          {
            class: `anchor ${point.verdict}${point.current ? '' : ' earlier'}`,
            cx: x(index),
            cy: y(point.latencyMs * unit.scale),
            r: 4,
          },
          tooltip(point.title),
        ),
      ),
  });
}

function noiseBand(level: number, noise: number, { left, right }: PlotArea, y: LinearScale): string {
  const [top, bottom] = [y(level * (1 + noise)), y(level * (1 - noise))];
  return element('rect', {
    class: 'band',
    x: left,
    width: right - left,
    y: top,
    height: Math.max(1, bottom - top),
  });
}
