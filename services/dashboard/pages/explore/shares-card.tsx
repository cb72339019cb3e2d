import { OP_FAMILIES, OP_FAMILY_NAMES, opFamily } from '../../../../charts/op-family.js';
import { opStripChart } from '../../../../charts/op-strip-chart.js';
import { percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { EstimateView } from '../../../../contracts/http/estimate.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { OpKey } from '../../parts/op-key.js';
import { TableFrame } from '../../parts/table-frame.js';

/** Where the time goes: every op of the network in order, as wide as it takes. */
export function SharesCard({ estimates }: { readonly estimates: readonly EstimateView[] }) {
  const known = estimates.filter(({ partialMs }) => partialMs !== null);
  if (known.length === 0) return null;
  const unit = latencyUnit(Math.max(...known.map(({ partialMs }) => partialMs ?? 0)));
  const strips = known.map(({ device, ops }) => ({ name: device, ops: ops ?? [] }));
  const families = new Set(strips.flatMap(({ ops }) => ops.map(({ key }) => opFamily(key))));
  const first = known[0]!;
  const heaviest = [...(first.ops ?? [])]
    .sort((a, b) => (b.latencyMs ?? 0) - (a.latencyMs ?? 0))
    .slice(0, 12);
  return (
    <Card title="Where the time goes" aside="ops in order of execution">
      <div class="card-body">
        <Chart
          draw={(size) => opStripChart(strips, 'Latency of every op in execution order', unit, size)}
          legend={
            <Legend
              items={OP_FAMILIES.filter((family) => families.has(family)).map((family) => ({
                mark: family,
                shape: 'square',
                text: OP_FAMILY_NAMES[family],
              }))}
            />
          }
        />
        <details>
          <summary>The heaviest ops on {first.device}</summary>
          <TableFrame label="The heaviest ops">
            <table>
              <thead>
                <tr>
                  <th>Op</th>
                  <th class="number">times</th>
                  <th class="number">{unit.name}</th>
                  <th class="number">share</th>
                </tr>
              </thead>
              <tbody>
                {heaviest.map((op) => (
                  <tr key={op.key}>
                    <th scope="row">
                      <OpKey opKey={op.key} />
                    </th>
                    <td class="number">{op.count}</td>
                    <td class="number">{op.latencyMs === null ? '–' : unit.figure(op.latencyMs)}</td>
                    <td class="number">{op.share === null ? '–' : percent(op.share, 1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </details>
      </div>
    </Card>
  );
}
