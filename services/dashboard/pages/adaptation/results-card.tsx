import { intervalChart } from '../../../../charts/interval-chart.js';
import { resultRows, shownEvaluation } from '../../../../charts/result-rows.js';
import { compactCount, percent } from '../../../../charts/text/figures.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import { quantisedText } from '../../../../charts/text/quantised-text.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Chart } from '../../parts/chart.js';
import { TableFrame } from '../../parts/table-frame.js';

/** The adapted network beside the seed and the honest baselines, all measured. */
export function ResultsCard({ run, unit }: { readonly run: AdaptationView; readonly unit: LatencyUnit }) {
  const rows = resultRows(run).filter(({ network }) => network.latencyMs !== null);
  if (run.final === null || rows.length < 2) return null;
  const quantised = quantisedText(run.reach);
  return (
    <Card title="Compared" aside="measured on the device">
      <div class="card-body">
        {quantised !== null && <p class="row-note">{quantised}</p>}
        <Chart draw={(size) => intervalChart(rows, run.budgetMs, unit, size)} />
      </div>
      <TableFrame label="Networks compared">
        <table>
          <thead>
            <tr>
              <th>Network</th>
              <th>How</th>
              <th class="number">{unit.name}</th>
              <th class="number">95 % interval</th>
              <th class="number">accuracy</th>
              <th class="number">MACs</th>
              <th class="number">params</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, note, role, network }) => (
              <tr key={name} class={role === 'adapted' ? 'strong' : ''}>
                <th scope="row">{name}</th>
                <td class="soft">{note}</td>
                <td class="number">{unit.figure(network.latencyMs ?? 0)}</td>
                <td class="number soft">
                  {network.interval === null
                    ? ''
                    : `${unit.figure(network.interval.lowMs)} – ${unit.figure(network.interval.highMs)}`}
                </td>
                <td class="number">{percent(shownEvaluation(network)?.accuracy ?? Number.NaN)}</td>
                <td class="number">{compactCount(network.macs)}</td>
                <td class="number">{compactCount(network.params)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Card>
  );
}
