import type { ChartSize } from './chart-size.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import { change } from './text/figures.js';
import { groupLabel } from './text/group-label.js';

/** Width of every group before and after: the outline is the seed, the filled bar what is left of it. */
export function widthsChart(
  groups: readonly string[],
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  size: ChartSize,
): string {
  const widest = Math.max(1, ...groups.map((group) => before[group]!));
  const rowHeight = size.compact ? 40 : 26;
  const labelWidth = size.compact ? 0 : 190;
  const figuresWidth = size.compact ? 0 : 140;
  const barWidth = size.width - labelWidth - figuresWidth;
  const rows = groups.map((group, index) =>
    widthRow({
      name: groupLabel(group),
      before: before[group]!,
      after: after[group] ?? before[group]!,
      top: index * rowHeight,
      pixelsPerChannel: barWidth / widest,
      labelWidth,
      size,
    }),
  );
  return chart(
    { width: size.width, height: groups.length * rowHeight + 4 },
    'Channels of every width group in the seed and in the adapted network',
    rows,
  );
}

interface WidthRow {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly top: number;
  readonly pixelsPerChannel: number;
  readonly labelWidth: number;
  readonly size: ChartSize;
}

function widthRow(row: WidthRow): string {
  const { name, before, after, top, pixelsPerChannel, labelWidth, size } = row;
  const kept = before === after;
  const barTop = size.compact ? top + 20 : top + 5;
  const barHeight = size.compact ? 12 : 16;
  const figures = kept ? `${before}` : `${before} → ${after}`;
  const remark = kept ? 'kept' : change(before, after);
  const texts = size.compact
    ? label(0, top + 14, name, { class: 'row-label' }) +
      label(size.width - 52, top + 14, figures, { class: 'row-figure', 'text-anchor': 'end' }) +
      label(size.width, top + 14, remark, { class: 'row-remark', 'text-anchor': 'end' })
    : label(0, top + 17, name, { class: 'row-label' }) +
      label(size.width - 54, top + 17, figures, { class: 'row-figure', 'text-anchor': 'end' }) +
      label(size.width, top + 17, remark, { class: 'row-remark', 'text-anchor': 'end' });
  return element(
    'g',
    { class: kept ? 'width-row kept' : 'width-row' },
    tooltip(`${name}: ${figures} channels (${remark})`),
    texts,
    element('rect', {
      class: 'width-before',
      x: labelWidth,
      y: barTop,
      width: before * pixelsPerChannel,
      height: barHeight,
      rx: 2,
    }),
    element('rect', {
      class: 'width-after',
      x: labelWidth,
      y: barTop,
      width: after * pixelsPerChannel,
      height: barHeight,
      rx: 2,
    }),
  );
}
