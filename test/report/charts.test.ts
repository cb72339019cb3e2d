import { describe, expect, test } from 'vitest';
import { COMPACT, WIDE } from '../../charts/chart-size.js';
import { CHART_STYLE } from '../../charts/chart-style.js';
import { deviationChart, deviations } from '../../charts/deviation-chart.js';
import { intervalChart } from '../../charts/interval-chart.js';
import { opStripChart } from '../../charts/op-strip-chart.js';
import { pathChart } from '../../charts/path-chart.js';
import { widthsChart } from '../../charts/widths-chart.js';
import { reportContext } from '../../cli/report/report-context.js';
import { sampleReport } from './sample-report.js';

const { data, unit, rows } = reportContext(sampleReport());
const view = data.adaptation;
const after = view.final!.widths;
const groups = Object.keys(after).filter((group) => !data.frozenGroups.includes(group));

/** With its style inside, so that a reviewer can open the snapshot as it is. */
function standalone(svg: string): string {
  return `${svg.replace('>', `><style>\n${CHART_STYLE}</style>`)}\n`;
}

describe.each([
  ['wide', WIDE],
  ['compact', COMPACT],
] as const)('charts, %s', (name, size) => {
  test.each([
    ['path', () => pathChart(view, unit, size)],
    ['widths', () => widthsChart(groups, view.seed!.widths, after, size)],
    ['deviation', () => deviationChart(deviations(view.iterations), unit, size)],
    [
      'ops',
      () =>
        opStripChart(
          [
            { name: 'Seed', ops: data.ops.seed },
            { name: 'NetAdapt', ops: data.ops.final },
          ],
          'Latency of every op of the seed and of the adapted network, in execution order',
          unit,
          size,
        ),
    ],
    ['interval', () => intervalChart(rows, view.budgetMs, unit, size)],
  ])('%s', async (chart, draw) => {
    await expect(standalone(draw())).toMatchFileSnapshot(`./charts/${chart}-${name}.svg`);
  });
});

test('no mark leaves its chart', () => {
  for (const size of [WIDE, COMPACT]) {
    const svg = pathChart(view, unit, size);
    const height = Number(/height="([\d.]+)"/.exec(svg)![1]);
    const centres = [...svg.matchAll(/<circle[^>]* cx="([-\d.]+)" cy="([-\d.]+)"/g)];
    expect(centres.length).toBeGreaterThan(30);
    for (const [, cx, cy] of centres) {
      expect(Number(cx)).toBeGreaterThanOrEqual(0);
      expect(Number(cx)).toBeLessThanOrEqual(size.width);
      expect(Number(cy)).toBeGreaterThanOrEqual(0);
      expect(Number(cy)).toBeLessThanOrEqual(height);
    }
  }
});
