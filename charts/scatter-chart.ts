import { bottomAxis, leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { chart, tooltip } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

export interface MacsPoint {
  readonly macs: number;
  readonly latencyMs: number;
  readonly title: string;
  /** The one that the reader is looking at. */
  readonly chosen: boolean;
  /** Which of the series: 0, 1, … */
  readonly series: number;
}

/** Latency over MACs: two points above each other cost the same arithmetic and not the same time. */
export function macsChart(points: readonly MacsPoint[], unit: LatencyUnit, size: ChartSize): string {
  const area: PlotArea = { left: 52, right: size.width - 14, top: 34, bottom: size.compact ? 250 : 300 };
  const mostMacs = Math.max(1, ...points.map((point) => point.macs));
  const macsUnit = mostMacs >= 1e9 ? { name: 'G', scale: 1e-9 } : { name: 'M', scale: 1e-6 };
  const x = linearScale([0, mostMacs * macsUnit.scale * 1.03], [area.left, area.right], {
    about: size.compact ? 4 : 8,
  });
  const slowestMs = Math.max(1e-6, ...points.map((point) => point.latencyMs));
  const y = linearScale([0, slowestMs * unit.scale * 1.05], [area.bottom, area.top], { about: 5 });
  const inOrder = [...points].sort((a, b) => Number(a.chosen) - Number(b.chosen));
  return chart({ width: size.width, height: area.bottom + 46 }, 'Latency over MACs', [
    bottomAxis(x, area, `MACs (${macsUnit.name})`, (value) => value.toFixed(x.decimals)),
    leftAxis(y, area, `estimated latency (${unit.name})`, (value) => value.toFixed(y.decimals)),
    ...inOrder.map((point) =>
      element(
        'circle',
        {
          class: `macs-point series-${point.series}${point.chosen ? ' chosen-point' : ''}`,
          cx: x(point.macs * macsUnit.scale),
          cy: y(point.latencyMs * unit.scale),
          r: point.chosen ? 6 : 3.4,
        },
        tooltip(point.title),
      ),
    ),
  ]);
}
