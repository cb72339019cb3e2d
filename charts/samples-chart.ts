import type { PlotArea } from './axes.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { type SequencePlaces, sequenceChart } from './sequence-chart.js';
import { tooltip } from './svg.js';
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
  return sequenceChart({
    title: 'Every timed run, in order of time',
    axisTitle: 'latency',
    footnote: 'runs in order of time; shaded: every second visit',
    width: size.width,
    area,
    y,
    count: samples.length,
    levelMs: resultMs,
    unit,
    under: (places) => visitBands(samples, places),
    marks: ({ x }) =>
      samples.map((sample, index) =>
        element(
          'circle',
          {
            class: `sample ${sample.sampleClass}`,
            cx: x(index),
            cy: Math.max(area.top - 4, y(sample.latencyMs * unit.scale)),
            r: 2.4,
          },
          tooltip(`visit ${sample.visit + 1}: ${unit.format(sample.latencyMs)}, ${sample.sampleClass}`),
        ),
      ),
  });
}

/** Shades every second visit. */
function visitBands(
  samples: readonly ShownSample[],
  { area, x, spacing }: SequencePlaces,
): readonly string[] {
  let visitStart = 0;
  return samples.flatMap((sample, index) => {
    const isLast = index + 1 === samples.length || samples[index + 1]!.visit !== sample.visit;
    if (!isLast) return [];
    const from = visitStart;
    visitStart = index + 1;
    if (sample.visit % 2 === 0) return [];
    return element('rect', {
      class: 'visit',
      x: x(from) - spacing / 2,
      width: spacing * (index + 1 - from),
      y: area.top,
      height: area.bottom - area.top,
    });
  });
}
