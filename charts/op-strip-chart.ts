import type { OpShare } from '../contracts/report.js';
import type { ChartSize } from './chart-size.js';
import { linearScale } from './linear-scale.js';
import { element } from './markup.js';
import { OP_FAMILY_NAMES, opFamily } from './op-family.js';
import { opTotal, opTotalText, shareOf } from './op-total.js';
import { chart, label, tooltip } from './svg.js';
import { percent } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

export interface Strip {
  readonly name: string;
  readonly ops: readonly OpShare[];
}

/**
 * Each network as one strip of its ops in execution order, on one scale of time: what shrank, and what is left. Ops whose
 * latency is unknown have no segment; the figure beside the strip says that it is then only the least.
 */
export function opStripChart(
  strips: readonly Strip[],
  title: string,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const longest = Math.max(...strips.map(({ ops }) => opTotal(ops).knownMs), 1e-9) * unit.scale;
  const left = size.compact ? 0 : 84;
  const figureWidth = size.compact ? 0 : 76;
  const x = linearScale([0, longest], [left, size.width - figureWidth]);
  const rowHeight = size.compact ? 62 : 56;
  return chart(
    { width: size.width, height: strips.length * rowHeight },
    title,
    strips.map((strip, index) => stripRow(strip, index * rowHeight, x, unit, size)),
  );
}

function stripRow(
  strip: Strip,
  top: number,
  x: (value: number) => number,
  unit: LatencyUnit,
  size: ChartSize,
): string {
  const barTop = size.compact ? top + 22 : top + 8;
  const barHeight = size.compact ? 30 : 36;
  const sum = opTotal(strip.ops);
  let startMs = 0;
  const segments = strip.ops.map(({ key, count, latencyMs }) => {
    if (latencyMs === null) return '';
    const from = x(startMs * unit.scale);
    startMs += latencyMs;
    const width = Math.max(0, x(startMs * unit.scale) - from - 1);
    const family = opFamily(key);
    const share = shareOf(latencyMs, sum);
    return element(
      'rect',
      { class: `op ${family}`, x: from, y: barTop, width, height: barHeight, rx: 1 },
      tooltip(
        `${OP_FAMILY_NAMES[family]}${count > 1 ? `, ${count} times` : ''}: ${unit.format(latencyMs)}` +
          `${share === null ? '' : `, ${percent(share, 1)} of ${strip.name}`}\n${key}`,
      ),
    );
  });
  const total = opTotalText(sum, unit.format);
  const texts = size.compact
    ? label(0, top + 15, strip.name, { class: 'row-label' }) +
      label(size.width, top + 15, total, { class: 'row-figure', 'text-anchor': 'end' })
    : label(0, barTop + barHeight / 2 + 5, strip.name, { class: 'row-label' }) +
      label(x(sum.knownMs * unit.scale) + 8, barTop + barHeight / 2 + 5, total, { class: 'row-figure' });
  return element('g', {}, texts, ...segments);
}
