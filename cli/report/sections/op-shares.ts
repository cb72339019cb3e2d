import { legend } from '../../../charts/legend.js';
import { escapeMarkup } from '../../../charts/markup.js';
import { OP_FAMILIES, OP_FAMILY_NAMES, type OpFamily, opFamily } from '../../../charts/op-family.js';
import { opStripChart, totalMs } from '../../../charts/op-strip-chart.js';
import { percent } from '../../../charts/text/figures.js';
import type { OpShare } from '../../../contracts/report.js';
import { dataTable } from '../data-table.js';
import { figureBlock, fold } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** Which ops the time goes to, before and after. */
export function opShares({ data, unit }: ReportContext): string {
  const { seed, final } = data.ops;
  if (seed.length === 0 || final.length === 0) return '';
  const families = OP_FAMILIES.filter((family) =>
    [...seed, ...final].some((op) => opFamily(op.key) === family),
  );
  return figureBlock({
    id: 'ops',
    title: 'Where the time goes',
    lead: escapeMarkup(
      'Each segment is one op as the runtime executes it, in order; its length is its latency from the table, calibrated ' +
        'on whole networks. Equal ops are one segment.',
    ),
    legend: legend(
      families.map((family) => ({ mark: family, shape: 'square', text: OP_FAMILY_NAMES[family] })),
    ),
    draw: (size) =>
      opStripChart(
        [
          { name: 'Seed', ops: seed },
          { name: 'NetAdapt', ops: final },
        ],
        'Latency of every op of the seed and of the adapted network, in execution order',
        unit,
        size,
      ),
    tableTitle: 'Latency by kind of op',
    table:
      dataTable(
        'Latency by kind of op in the seed and in the adapted network',
        [
          { title: 'kind' },
          { title: `seed (${unit.name})`, numeric: true },
          { title: 'share', numeric: true },
          { title: `adapted (${unit.name})`, numeric: true },
          { title: 'share', numeric: true },
        ],
        families.map((family) => [
          OP_FAMILY_NAMES[family],
          ...familyCells(seed, family, unit.figure),
          ...familyCells(final, family, unit.figure),
        ]),
      ) + fold('Every op of the adapted network', opTable(final, unit)),
  });
}

function familyCells(
  ops: readonly OpShare[],
  family: OpFamily,
  figure: (latencyMs: number) => string,
): readonly string[] {
  const ofFamily = totalMs(ops.filter((op) => opFamily(op.key) === family));
  const all = totalMs(ops);
  return [figure(ofFamily), percent(all === 0 ? 0 : ofFamily / all, 0)];
}

function opTable(ops: readonly OpShare[], unit: ReportContext['unit']): string {
  const all = totalMs(ops);
  return dataTable(
    'Every op of the adapted network',
    [
      { title: 'op key' },
      { title: 'count', numeric: true },
      { title: `latency (${unit.name})`, numeric: true },
      { title: 'share', numeric: true },
    ],
    ops.map((op) => [
      op.key,
      String(op.count),
      op.latencyMs === null ? 'unknown' : unit.figure(op.latencyMs),
      op.latencyMs === null || all === 0 ? '–' : percent(op.latencyMs / all, 1),
    ]),
  );
}
