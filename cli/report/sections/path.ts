import { COMPACT, WIDE } from '../../../charts/chart-size.js';
import { legend } from '../../../charts/legend.js';
import { escapeMarkup } from '../../../charts/markup.js';
import { pathChart, proposalsBelow } from '../../../charts/path-chart.js';
import { percent } from '../../../charts/text/figures.js';
import { dataTable } from '../data-table.js';
import { figureBlock } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** From the seed to the budget: all that was tried, and what was taken. */
export function path({ data, unit, rows }: ReportContext): string {
  const view = data.adaptation;
  if (view.seed === null) return '';
  const tried = view.iterations.reduce((sum, iteration) => sum + iteration.proposals.length, 0);
  const below = [WIDE, COMPACT].map((size) => proposalsBelow(view, unit, size))[0] ?? 0;
  const taken = view.iterations.filter(({ network }) => network !== null).length;
  const lead =
    `${taken} iterations, ${tried} proposals. Each point is a network with one width group cut, after a ` +
    'short fine-tuning; each iteration keeps the best of them and goes on from there.' +
    (below > 0 ? ` ${below} proposals lie below the plot (small triangles).` : '');
  const finals = rows.filter((row) => row.network.latencyMs !== null);
  const testRead = finals.every((row) => row.network.test !== null);
  return figureBlock({
    id: 'path',
    title: 'The path to the budget',
    lead: escapeMarkup(lead),
    legend: legend([
      { mark: 'proposal', shape: 'dot', text: 'proposal: estimated latency, holdout accuracy' },
      { mark: 'chosen', shape: 'dot', text: 'chosen: measured latency, holdout accuracy' },
      {
        mark: 'final seed',
        shape: 'diamond',
        text: `after final training: measured latency with interval, ${testRead ? 'test' : 'holdout'} accuracy`,
      },
    ]),
    draw: (size) => pathChart(view, unit, size),
    tableTitle: 'The chosen networks as a table',
    table: chosenTable({ data, unit, rows }),
  });
}

function chosenTable({ data, unit }: ReportContext): string {
  const stations = [
    { name: 'seed', targetMs: null, network: data.adaptation.seed },
    ...data.adaptation.iterations.map((iteration) => ({
      name: String(iteration.index + 1),
      targetMs: iteration.targetMs,
      network: iteration.network,
    })),
  ];
  return dataTable(
    'Latency and holdout accuracy of the network that each iteration chose',
    [
      { title: 'iteration' },
      { title: `target (${unit.name})`, numeric: true },
      { title: `measured (${unit.name})`, numeric: true },
      { title: 'holdout accuracy', numeric: true },
      { title: 'MACs', numeric: true },
    ],
    stations.flatMap(({ name, targetMs, network }) =>
      network === null
        ? []
        : [
            [
              name,
              targetMs === null ? '–' : unit.figure(targetMs),
              network.latencyMs === null ? '–' : unit.figure(network.latencyMs),
              network.holdout === null ? '–' : percent(network.holdout.accuracy),
              network.macs.toLocaleString('en'),
            ],
          ],
    ),
  );
}
