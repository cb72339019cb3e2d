import { bottomAxis, leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element, rounded } from './markup.js';
import { chart, linePath, tooltip } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

export type PointSource = 'measured' | 'snapped' | 'interpolated';

export interface StaircasePoint {
  readonly channels: number;
  readonly latencyMs: number;
  readonly interval: { readonly lowMs: number; readonly highMs: number } | null;
  readonly source: PointSource;
  readonly title: string;
}

export interface StaircaseSeries {
  readonly name: string;
  readonly points: readonly StaircasePoint[];
}

/**
 * Latency over the channels that change while everything else stays: where it is flat, channels are free. Measured
 * points are filled, snapped ones hollow squares, interpolated ones hollow circles. Up to two series lie upon each other.
 */
export function staircaseChart(
  series: readonly StaircaseSeries[],
  channelsTitle: string,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const points = series.flatMap((one) => one.points);
  const area: PlotArea = { left: 52, right: size.width - 12, top: 34, bottom: size.compact ? 230 : 330 };
  const x = linearScale([0, Math.max(1, ...points.map((point) => point.channels))], [area.left, area.right], {
    about: size.compact ? 5 : 10,
  });
  const highestMs = Math.max(...points.map((point) => point.interval?.highMs ?? point.latencyMs), 1e-6);
  const y = linearScale([0, highestMs * unit.scale * 1.04], [area.bottom, area.top], { about: 5 });
  return chart({ width: size.width, height: area.bottom + 46 }, 'Latency over channels', [
    bottomAxis(x, area, channelsTitle, (value) => value.toFixed(0)),
    leftAxis(y, area, `latency (${unit.name})`, (value) => value.toFixed(y.decimals)),
    ...series.map(({ name, points }, index) =>
      element(
        'g',
        { class: `stairs series-${index}` },
        element('path', {
          class: 'step',
          d: linePath(steps(points).map(([channels, ms]) => [x(channels), y(ms * unit.scale)])),
        }),
        ...points.map((point) => {
          const cx = x(point.channels);
          const cy = y(point.latencyMs * unit.scale);
          const whisker =
            point.interval === null
              ? ''
              : element('line', {
                  class: 'whisker',
                  x1: cx,
                  x2: cx,
                  y1: y(point.interval.lowMs * unit.scale),
                  y2: y(point.interval.highMs * unit.scale),
                });
          return element(
            'g',
            { class: point.source },
            tooltip(series.length > 1 ? `${name}\n${point.title}` : point.title),
            whisker,
            point.source === 'snapped'
              ? element('path', { d: `M${rounded(cx - 3.4)} ${rounded(cy - 3.4)}h6.8v6.8h-6.8z` })
              : element('circle', { cx, cy, r: 3.6 }),
          );
        }),
      ),
    ),
  ]);
}

/** Flat up to each point, then up: a width costs what the next block of channels costs. */
function steps(points: readonly StaircasePoint[]): readonly (readonly [number, number])[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return [
      [before?.channels ?? point.channels, point.latencyMs] as const,
      [point.channels, point.latencyMs] as const,
    ];
  });
}
