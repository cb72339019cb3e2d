import { element, escapeMarkup } from './markup.js';

export interface LegendEntry {
  /** Class of the mark, which the style sheet colours. */
  readonly mark: string;
  readonly shape: 'dot' | 'square' | 'diamond' | 'line';
  readonly text: string;
}

const SHAPES: Readonly<Record<LegendEntry['shape'], string>> = {
  dot: '<circle cx="7" cy="7" r="4"/>',
  square: '<rect x="1.5" y="1.5" width="11" height="11" rx="2"/>',
  diamond: '<path d="M7 1l6 6-6 6-6-6z"/>',
  line: '<line x1="0" x2="14" y1="7" y2="7"/>',
};

/** What the marks of a chart mean. */
export function legend(entries: readonly LegendEntry[]): string {
  const items = entries.map(({ mark, shape, text }) =>
    element(
      'li',
      {},
      `<svg class="chart" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${element('g', { class: mark }, SHAPES[shape])}</svg>`,
      escapeMarkup(text),
    ),
  );
  return element('ul', { class: 'legend' }, ...items);
}
