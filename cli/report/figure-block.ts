import { type ChartSize, COMPACT, WIDE } from '../../charts/chart-size.js';
import { element, escapeMarkup } from '../../charts/markup.js';

interface FigureBlock {
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what to see, and how to read it. Markup. */
  readonly lead: string;
  readonly legend?: string;
  readonly draw: (size: ChartSize) => string;
  /** The same figures in words, for whoever cannot or would rather not read a chart. */
  readonly table: string;
  readonly tableTitle: string;
}

/** A section of the page around one chart, in both of its sizes, with its table behind a fold. */
export function figureBlock(block: FigureBlock): string {
  return section(
    block.id,
    block.title,
    element('p', { class: 'lead' }, block.lead),
    block.legend ?? '',
    element('div', { class: 'wide' }, block.draw(WIDE)),
    element('div', { class: 'compact' }, block.draw(COMPACT)),
    fold(block.tableTitle, block.table),
  );
}

export function section(id: string, title: string, ...children: readonly string[]): string {
  return element(
    'section',
    { 'aria-labelledby': id },
    element('h2', { id }, escapeMarkup(title)),
    ...children.filter((child) => child !== ''),
  );
}

export function fold(title: string, content: string): string {
  return element('details', {}, element('summary', {}, escapeMarkup(title)), content);
}
