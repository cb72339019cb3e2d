import { type Attributes, element, escapeMarkup, rounded } from './markup.js';

/** A text element; the content is escaped. */
export function label(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeMarkup(content));
}

/** A tooltip for the element it is put into, read by screen readers too. */
export function tooltip(content: string): string {
  return element('title', {}, escapeMarkup(content));
}

/** Points joined by straight lines. */
export function linePath(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`).join('');
}

/** The root of a chart. The title is what a reader who cannot see it gets. */
export function chart(
  size: { readonly width: number; readonly height: number },
  title: string,
  children: readonly string[],
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'chart',
    viewBox: `0 0 ${rounded(size.width)} ${rounded(size.height)}`,
    width: size.width,
    height: size.height,
    role: 'img',
    'aria-label': title,
  };
  return element('svg', attributes, '\n', children.filter((child) => child !== '').join('\n'), '\n');
}
