import { bottomAxis, leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element, rounded } from './markup.js';
import { chart, tooltip } from './svg.js';
import { percent, signed } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** A network that was both estimated and measured whole. */
export interface FidelityPoint {
  readonly name: string;
  readonly estimateMs: number;
  readonly measuredMs: number;
  readonly interval: { readonly lowMs: number; readonly highMs: number } | null;
  /** Whether its measurement fed the calibration; then it proves little. */
  readonly calibrated: boolean;
}

const BAND = 0.05;

/**
 * Estimated against measured latency over the band of ±5 %; the narrower band is what the device itself varies by when
 * the same thing is measured twice (A/A).
 * @param noise A/A noise as a share; null when unknown
 */
export function fidelityChart(
  points: readonly FidelityPoint[],
  noise: number | null,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const side = Math.min(size.width, 460);
  const area: PlotArea = { left: 52, right: side - 12, top: 34, bottom: side - 30 };
  const values = points.flatMap((point) => [point.estimateMs, point.measuredMs]);
  const low = Math.min(...values) * unit.scale * 0.94;
  const high = Math.max(...values) * unit.scale * 1.06;
  const x = linearScale([low, high], [area.left, area.right], { about: 5 });
  const y = linearScale([low, high], [area.bottom, area.top], { about: 5 });
  return chart({ width: size.width, height: area.bottom + 46 }, 'Estimated against measured latency', [
    wedge('band', BAND, x, y),
    noise === null ? '' : wedge('noise', Math.min(noise, BAND), x, y),
    bottomAxis(x, area, `measured (${unit.name})`, (value) => value.toFixed(x.decimals)),
    leftAxis(y, area, `estimated (${unit.name})`, (value) => value.toFixed(y.decimals)),
    element('line', { class: 'axis', x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
    ...points.map((point) => mark(point, x, y, unit)),
  ]);
}

type Scale = (value: number) => number;

/** Between (1 − share) and (1 + share) times the measurement, cut at the plot's edges. */
function wedge(
  name: string,
  share: number,
  x: Scale & { domain: readonly [number, number] },
  y: Scale,
): string {
  const [low, high] = x.domain;
  const corners: readonly (readonly [number, number])[] = [
    [low, low],
    [low / (1 - share), low],
    [high, high * (1 - share)],
    [high, high],
    [high / (1 + share), high],
    [low, low * (1 + share)],
  ];
  return element('polygon', {
    class: name,
    points: corners
      .map(([measured, estimate]) => `${rounded(x(measured))},${rounded(y(estimate))}`)
      .join(' '),
  });
}

function mark(point: FidelityPoint, x: Scale, y: Scale, unit: LatencyUnit): string {
  const cx = x(point.measuredMs * unit.scale);
  const cy = y(point.estimateMs * unit.scale);
  const share = point.estimateMs / point.measuredMs - 1;
  const outside = Math.abs(share) > BAND;
  return element(
    'g',
    { class: `deviation${outside ? ' outside' : ''}${point.calibrated ? ' calibrated' : ''}` },
    tooltip(
      `${point.name}\nestimated ${unit.format(point.estimateMs)}, measured ${unit.format(point.measuredMs)} ` +
        `(${signed(share * 100, 1)} %)${point.calibrated ? '\nfed the calibration' : ''}`,
    ),
    point.interval === null
      ? ''
      : element('line', {
          class: 'whisker',
          x1: x(point.interval.lowMs * unit.scale),
          x2: x(point.interval.highMs * unit.scale),
          y1: cy,
          y2: cy,
        }),
    element('circle', { cx, cy, r: 4.2 }),
  );
}

/** `mean error 1.1 %, 95 % of networks within ±5 %`. */
export function fidelityWords(points: readonly FidelityPoint[]): string {
  const errors = points.map((point) => Math.abs(point.estimateMs / point.measuredMs - 1));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const within = errors.filter((error) => error <= BAND).length;
  return `mean error ${percent(mean, 1)}, ${within} of ${errors.length} within ±5\u00a0%`;
}
