import { legend } from '../../../charts/legend.js';
import { escapeMarkup } from '../../../charts/markup.js';
import { OP_FAMILIES, OP_FAMILY_NAMES, type OpFamily, opFamily } from '../../../charts/op-family.js';
import { opStripChart } from '../../../charts/op-strip-chart.js';
import { type OpTotal, opTotal, opTotalText, shareOf } from '../../../charts/op-total.js';
import { percent } from '../../../charts/text/figures.js';
import type { OpShare } from '../../../contracts/report.js';
import { dataTable } from '../data-table.js';
import { figureBlock, fold } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** Which ops the time goes to, before and after; nothing where no op's latency is known. */
export function opShares({ data, unit }: ReportContext): string {
  const { seed, final } = data.ops;
  if (seed.length === 0 || final.length === 0) return '';
  if (![...seed, ...final].some(({ latencyMs }) => latencyMs !== null)) return '';
  const families = OP_FAMILIES.filter((family) =>
    [...seed, ...final].some((op) => opFamily(op.key) === family),
  );
  return figureBlock({
    id: 'ops',
    title: 'Where the time goes',
    lead: escapeMarkup(
      'Each segment is one op as the runtime executes it, in order; its length is its latency from the table, calibrated ' +
        'on whole networks. Equal ops are one segment.' +
        unknownWords(opTotal(seed), opTotal(final)),
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

/** What the page cannot tell of the time, in one sentence. */
function unknownWords(seed: OpTotal, final: OpTotal): string {
  const lacks = ({ known, count }: OpTotal) => `${count - known} of ${count} ops`;
  const whose = [
    ...(seed.isComplete ? [] : [`${lacks(seed)} of the seed`]),
    ...(final.isComplete ? [] : [`${lacks(final)} of the adapted network`]),
  ];
  if (whose.length === 0) return '';
  return ` The table lacks ${whose.join(' and ')}: their totals are at least what the known ops come to, and shares are left out.`;
}

function familyCells(
  ops: readonly OpShare[],
  family: OpFamily,
  figure: (latencyMs: number) => string,
): readonly string[] {
  const ofFamily = opTotal(ops.filter((op) => opFamily(op.key) === family));
  return [opTotalText(ofFamily, figure), shareCell(ofFamily.knownMs, opTotal(ops), 0)];
}

function shareCell(latencyMs: number | null, all: OpTotal, decimals: number): string {
  const share = latencyMs === null ? null : shareOf(latencyMs, all);
  return share === null ? '–' : percent(share, decimals);
}

function opTable(ops: readonly OpShare[], unit: ReportContext['unit']): string {
  const all = opTotal(ops);
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
      shareCell(op.latencyMs, all, 1),
    ]),
  );
}
