import { legend } from '../../../charts/legend.js';
import { escapeMarkup } from '../../../charts/markup.js';
import { change } from '../../../charts/text/figures.js';
import { groupLabel } from '../../../charts/text/group-label.js';
import { widthsChart } from '../../../charts/widths-chart.js';
import { dataTable } from '../data-table.js';
import { figureBlock } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** Where the channels went. */
export function widths({ data }: ReportContext): string {
  const { seed, final, iterations } = data.adaptation;
  const after = final ?? iterations.findLast((iteration) => iteration.network !== null)?.network ?? null;
  if (seed === null || after === null) return '';
  const groups = Object.keys(seed.widths).filter((group) => !data.frozenGroups.includes(group));
  const cut = groups.filter((group) => after.widths[group] !== seed.widths[group]).length;
  return figureBlock({
    id: 'widths',
    title: 'Widths before and after',
    lead: escapeMarkup(
      `${cut} of ${groups.length} width groups were cut. A group is a set of channel dimensions that must stay equal, ` +
        'named here after the first layer that has it.',
    ),
    legend: legend([
      { mark: 'width-after', shape: 'square', text: 'channels left' },
      { mark: 'width-before', shape: 'square', text: 'channels removed' },
    ]),
    draw: (size) => widthsChart(groups, seed.widths, after.widths, size),
    tableTitle: 'Widths as a table',
    table: dataTable(
      'Channels of every width group',
      [
        { title: 'width group' },
        { title: 'seed', numeric: true },
        { title: 'adapted', numeric: true },
        { title: 'change', numeric: true },
      ],
      groups.map((group) => {
        const before = seed.widths[group]!;
        const left = after.widths[group] ?? before;
        return [
          groupLabel(group),
          String(before),
          String(left),
          left === before ? 'kept' : change(before, left),
        ];
      }),
    ),
  });
}
