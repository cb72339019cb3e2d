import { leftAxis, type PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** One timed run. */
export interface ShownSample {
  readonly visit: number;
  readonly latencyMs: number;
  /** How it was judged: `kept`, or what disturbed it. */
  readonly sampleClass: string;
}

/** Every timed run of one graph in order of time, visit by visit, coloured by class; the line is what was made of them. */
export function samplesChart(
  samples: readonly ShownSample[],
  resultMs: number | null,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const area: PlotArea = { left: 52, right: size.width - 12, top: 34, bottom: size.compact ? 210 : 240 };
  const sorted = samples.map((sample) => sample.latencyMs).sort((a, b) => a - b);
  const lowest = sorted[0] ?? 0;
  // One run that was interrupted for milliseconds must not flatten all others.
  const usual = sorted[Math.floor(sorted.length * 0.98)] ?? 1;
  const top = Math.min(sorted.at(-1) ?? 1, Math.max(usual * 1.1, lowest * 1.3));
  const y = linearScale([lowest * 0.97 * unit.scale, top * 1.02 * unit.scale], [area.bottom, area.top], {
    about: 5,
  });
  const spacing = (area.right - area.left) / Math.max(1, samples.length);
  const xOf = (index: number) => area.left + spacing * (index + 0.5);
  let visitStart = 0;
  const visits = samples.flatMap((sample, index) => {
    const isLast = index + 1 === samples.length || samples[index + 1]!.visit !== sample.visit;
    if (!isLast) return [];
    const from = visitStart;
    visitStart = index + 1;
    if (sample.visit % 2 === 0) return [];
    return element('rect', {
      class: 'visit',
      x: xOf(from) - spacing / 2,
      width: spacing * (index + 1 - from),
      y: area.top,
      height: area.bottom - area.top,
    });
  });
  return chart({ width: size.width, height: area.bottom + 26 }, 'Every timed run, in order of time', [
    ...visits,
    leftAxis(y, area, `latency (${unit.name})`, (value) => value.toFixed(y.decimals)),
    element('line', { class: 'axis', x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }),
    resultMs === null
      ? ''
      : element('line', {
          class: 'result',
          x1: area.left,
          x2: area.right,
          y1: y(resultMs * unit.scale),
          y2: y(resultMs * unit.scale),
        }),
    ...samples.map((sample, index) =>
      element(
        'circle',
        {
          class: `sample ${sample.sampleClass}`,
          cx: xOf(index),
          cy: Math.max(area.top - 4, y(sample.latencyMs * unit.scale)),
          r: 2.4,
        },
        tooltip(`visit ${sample.visit + 1}: ${unit.format(sample.latencyMs)}, ${sample.sampleClass}`),
      ),
    ),
    label(area.right, area.bottom + 18, 'runs in order of time; shaded: every second visit', {
      class: 'axis-title',
      'text-anchor': 'end',
    }),
  ]);
}
