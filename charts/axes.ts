import type { LinearScale } from './linear-scale.js';
import { element } from './markup.js';
import { label } from './svg.js';

/** The rectangle that the data fill, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Ticks and title under the plot; a hair line at every tick. */
export function bottomAxis(
  scale: LinearScale,
  area: PlotArea,
  title: string,
  format: (value: number) => string,
): string {
  const ticks = scale.ticks.map((value) => {
    const x = scale(value);
    return (
      element('line', { class: 'grid', x1: x, x2: x, y1: area.top, y2: area.bottom }) +
      label(x, area.bottom + 18, format(value), { class: 'tick', 'text-anchor': 'middle' })
    );
  });
  return element(
    'g',
    { 'aria-hidden': 'true' },
    ...ticks,
    element('line', { class: 'axis', x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }),
    label(area.right, area.bottom + 38, title, { class: 'axis-title', 'text-anchor': 'end' }),
  );
}

/** Ticks left of the plot, the title above them where it reads without turning the head. */
export function leftAxis(
  scale: LinearScale,
  area: PlotArea,
  title: string,
  format: (value: number) => string,
): string {
  const ticks = scale.ticks.map((value) => {
    const y = scale(value);
    return (
      element('line', { class: 'grid', x1: area.left, x2: area.right, y1: y, y2: y }) +
      label(area.left - 8, y + 4, format(value), { class: 'tick', 'text-anchor': 'end' })
    );
  });
  return element(
    'g',
    { 'aria-hidden': 'true' },
    ...ticks,
    label(0, area.top - 14, title, { class: 'axis-title' }),
  );
}
