import { element, escapeMarkup } from '../../../charts/markup.js';
import { amountText, resourceText } from '../../../charts/text/amount-text.js';
import { change, percent } from '../../../charts/text/figures.js';
import { reachText } from '../../../charts/text/reach-text.js';
import type { BudgetLineView } from '../../../contracts/adaptation.js';
import { dataTable } from '../data-table.js';
import { section } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** Every limit beside what became of it, what widths alone could reach, and what the device's noise hides. */
export function budget({ data, unit }: ReportContext): string {
  const { budget: lines, reach, request } = data.adaptation;
  if (lines.length === 0) return '';
  const amount = ({ resource }: BudgetLineView, value: number): string =>
    amountText(
      resource.kind === 'latency' ? { ...resource, device: request.device } : resource,
      value,
      request.device,
      unit,
    );
  return section(
    'budget',
    'Budget',
    ...reach.map((one) => element('p', { class: 'lead' }, escapeMarkup(reachText(one, unit)))),
    dataTable(
      'Limits of the budget',
      [
        { title: 'limit on' },
        { title: 'seed', numeric: true },
        { title: 'limit', numeric: true },
        { title: 'reached', numeric: true },
        { title: 'at most', numeric: true },
        { title: 'change', numeric: true },
        { title: 'least by widths', numeric: true },
        { title: 'kept' },
      ],
      lines.map((line) => [
        resourceText(line.resource),
        amount(line, line.seed),
        amount(line, line.limit),
        amount(line, line.reached),
        line.interval === null ? 'exact' : amount(line, line.interval.highMs),
        change(line.seed, line.reached),
        amount(line, line.least),
        line.met ? 'yes' : 'no',
      ]),
      { stacked: true },
    ),
    element('p', { class: 'note' }, escapeMarkup(noiseText(data.adaptation))),
  );
}

function noiseText({ reach }: ReportContext['data']['adaptation']): string {
  const noises = reach.map(({ device, noise }) => `±${percent(noise, 1)} on ${device}`).join(', ');
  return (
    `Latencies that differ by less than the device’s A/A noise when the run began (${noises}) are indistinguishable. ` +
    'The run treated them so: among proposals that save as much within noise, the one with the better evaluation was taken.'
  );
}
