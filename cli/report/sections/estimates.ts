import { deviationChart, deviations } from '../../../charts/deviation-chart.js';
import { escapeMarkup } from '../../../charts/markup.js';
import { signed } from '../../../charts/text/figures.js';
import { dataTable } from '../data-table.js';
import { figureBlock } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** Whether the table could be trusted: what it foretold for each chosen network, and what the device then said. */
export function estimates({ data, unit }: ReportContext): string {
  const entries = deviations(data.adaptation.iterations);
  if (entries.length === 0) return '';
  const mean = entries.reduce((sum, entry) => sum + Math.abs(entry.share), 0) / entries.length;
  const inside = entries.filter((entry) => Math.abs(entry.share) <= 0.05).length;
  return figureBlock({
    id: 'estimates',
    title: 'Estimate against measurement',
    lead: escapeMarkup(
      `On average the estimate was ${(mean * 100).toFixed(1)} % off; ${inside} of ${entries.length} lay within ±5 %. ` +
        'Each chosen network is measured whole on the device, and the next estimates start from that figure, so that ' +
        'errors do not add up. Bars are the measurement’s interval.',
    ),
    draw: (size) => deviationChart(entries, unit, size),
    tableTitle: 'Estimates and measurements as a table',
    table: dataTable(
      'Estimate and measurement of each iteration',
      [
        { title: 'iteration' },
        { title: `estimate (${unit.name})`, numeric: true },
        { title: `measured (${unit.name})`, numeric: true },
        { title: 'deviation', numeric: true },
      ],
      entries.map((entry) => [
        String(entry.iteration),
        unit.figure(entry.estimateMs),
        unit.figure(entry.measuredMs),
        `${signed(entry.share * 100, 1)} %`,
      ]),
    ),
  });
}
