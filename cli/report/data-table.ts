import { element, escapeMarkup } from '../../charts/markup.js';

export interface Column {
  readonly title: string;
  /** Figures are set right, in digits of equal width. */
  readonly numeric?: boolean;
}

/**
 * An HTML table with a caption and column headers; cells are plain text.
 * @param options `stacked` turns rows into cards on a phone
 */
export function dataTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly stacked?: boolean; readonly rowClass?: (index: number) => string | undefined } = {},
): string {
  const numberClass = (column: Column | undefined) => (column?.numeric ? 'number' : undefined);
  const head = columns.map((column) =>
    element('th', { scope: 'col', class: numberClass(column) }, escapeMarkup(column.title)),
  );
  const body = rows.map((cells, rowIndex) =>
    element(
      'tr',
      { class: options.rowClass?.(rowIndex) },
      ...cells.map((cell, index) =>
        index === 0
          ? element('th', { scope: 'row' }, escapeMarkup(cell))
          : element(
              'td',
              { class: numberClass(columns[index]), 'data-label': columns[index]?.title },
              escapeMarkup(cell),
            ),
      ),
    ),
  );
  const table = element(
    'table',
    { class: options.stacked ? 'stacked' : undefined },
    element('caption', {}, escapeMarkup(caption)),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, '', ...body),
  );
  return element(
    'div',
    { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': caption },
    table,
  );
}
