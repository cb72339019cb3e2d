import type { ChartSize } from './chart-size.js';
import { element } from './markup.js';
import { chart, label, tooltip } from './svg.js';
import { change } from './text/figures.js';
import { groupLabel } from './text/group-label.js';

/**
 * Width of every group from iteration to iteration: a row a group, a column an iteration, the fuller the less was taken.
 * @param history widths by group; first the seed's, then one for each iteration
 */
export function widthHistoryChart(
  groups: readonly string[],
  history: readonly Readonly<Record<string, number>>[],
  size: ChartSize,
): string {
  const labelWidth = size.compact ? 0 : 190;
  const figuresWidth = size.compact ? 92 : 108;
  const rowHeight = size.compact ? 40 : 24;
  const top = size.compact ? 6 : 20;
  const columnWidth = Math.min(120, (size.width - labelWidth - figuresWidth) / Math.max(1, history.length));
  const seed = history[0] ?? {};
  const rows = groups.map((group, row) => {
    const first = seed[group] ?? 0;
    const y = top + row * rowHeight;
    const barTop = size.compact ? y + 20 : y + 3;
    const cells = history.map((widths, column) => {
      const width = widths[group] ?? first;
      const before = history[column - 1]?.[group] ?? width;
      return element(
        'g',
        { class: width < before ? 'width-cell cut' : 'width-cell' },
        tooltip(
          `${groupLabel(group)}, ${column === 0 ? 'seed' : `iteration ${column}`}: ${width} channels` +
            (width < before ? ` (before: ${before})` : ''),
        ),
        element('rect', {
          class: 'width-before',
          x: labelWidth + column * columnWidth + 0.5,
          y: barTop,
          width: Math.max(1, columnWidth - 1),
          height: 18,
        }),
        element('rect', {
          class: 'width-after',
          x: labelWidth + column * columnWidth + 0.5,
          y: barTop + 18 * (1 - (first > 0 ? width / first : 1)),
          width: Math.max(1, columnWidth - 1),
          height: 18 * (first > 0 ? width / first : 1),
        }),
      );
    });
    const last = history.at(-1)?.[group] ?? first;
    return (
      label(0, size.compact ? y + 14 : y + 16, groupLabel(group), { class: 'row-label' }) +
      cells.join('') +
      label(
        size.width,
        barTop + 14,
        last === first ? String(first) : `${first} → ${last}  ${change(first, last)}`,
        { class: last === first ? 'row-remark' : 'row-figure', 'text-anchor': 'end' },
      )
    );
  });
  return chart(
    { width: size.width, height: top + groups.length * rowHeight + 4 },
    'Width of every group across the iterations',
    [size.compact ? '' : label(labelWidth, 12, 'seed, then each iteration →', { class: 'tick' }), ...rows],
  );
}
