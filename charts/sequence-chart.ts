import { leftAxis, type PlotArea } from './axes.js';
import type { LinearScale } from './linear-scale.js';
import { element } from './markup.js';
import { chart, label } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** What a sequence's marks are placed by. */
export interface SequencePlaces {
  readonly area: PlotArea;
  readonly y: LinearScale;
  /** Middle of the n-th mark. */
  x(index: number): number;
  /** Pixels from one mark to the next. */
  readonly spacing: number;
}

/**
 * Latencies one after the other in order of time: an axis of latency, a line at the level that they are held against, and
 * whatever the caller draws under and over it.
 */
export function sequenceChart(options: {
  readonly title: string;
  readonly axisTitle: string;
  /** What the order is of. */
  readonly footnote: string;
  readonly width: number;
  readonly area: PlotArea;
  readonly y: LinearScale;
  readonly count: number;
  readonly levelMs: number | null;
  readonly unit: LatencyUnit;
  under(places: SequencePlaces): readonly string[];
  marks(places: SequencePlaces): readonly string[];
}): string {
  const { title, axisTitle, footnote, width, area, y, count, levelMs, unit } = options;
  const spacing = (area.right - area.left) / Math.max(1, count);
  const places = { area, y, spacing, x: (index: number) => area.left + spacing * (index + 0.5) };
  const across = { x1: area.left, x2: area.right };
  return chart({ width, height: area.bottom + 26 }, title, [
    ...options.under(places),
    leftAxis(y, area, `${axisTitle} (${unit.name})`, (value) => value.toFixed(y.decimals)),
    element('line', { class: 'axis', ...across, y1: area.bottom, y2: area.bottom }),
    levelMs === null
      ? ''
      : element('line', {
          class: 'result',
          ...across,
          y1: y(levelMs * unit.scale),
          y2: y(levelMs * unit.scale),
        }),
    ...options.marks(places),
    label(area.right, area.bottom + 18, footnote, { class: 'axis-title', 'text-anchor': 'end' }),
  ]);
}
