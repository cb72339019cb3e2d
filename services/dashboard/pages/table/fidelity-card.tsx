import { fidelityChart, fidelityWords } from '../../../../charts/fidelity-chart.js';
import { percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { DeviceView } from '../../../../contracts/http/device-view.js';
import type { FidelityReportView } from '../../../../contracts/http/fidelity.js';
import type { MeasuredNetworks } from '../../../../contracts/http/measured-networks.js';
import { useResource } from '../../api/resource.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { Empty } from '../../parts/empty.js';

/** How estimates met what was measured whole. */
export function FidelityCard({
  device,
  report,
}: {
  readonly device: string;
  /** The last one on held-out networks. */
  readonly report: FidelityReportView | null;
}) {
  const name = encodeURIComponent(device);
  const networks = useResource<MeasuredNetworks>(
    `/latency-table/networks?device=${name}`,
    ({ kind, ref }) => kind === 'device' && ref === device,
  ).value;
  const health = useResource<DeviceView>(
    `/devices/${name}`,
    ({ kind, ref }) => kind === 'device' && ref === device,
  ).value;
  const points = (networks.data?.networks ?? []).flatMap(({ estimateMs, ...network }) =>
    estimateMs === null ? [] : [{ ...network, estimateMs, interval: null, calibrated: network.calibrates }],
  );
  const noise = health.data?.health.noise ?? null;
  const unit = latencyUnit(Math.max(0, ...points.map(({ measuredMs }) => measuredMs)));
  return (
    <Card title="Estimate against measurement" aside={points.length === 0 ? '' : fidelityWords(points)}>
      {networks.data !== null && points.length === 0 && (
        <Empty title="No network was measured whole yet">
          <code class="command">lutra measure mobilenet-v3-small --resolution 96 --device {device}</code>
        </Empty>
      )}
      {points.length > 0 && (
        <div class="card-body">
          <Chart
            draw={(size) => fidelityChart(points, noise, unit, size)}
            legend={
              <Legend
                items={[
                  { mark: 'deviation', shape: 'dot', text: 'network' },
                  { mark: 'calibrated', shape: 'dot', text: 'fed the calibration' },
                  { mark: 'band', shape: 'square', text: '±5\u00a0%' },
                  ...(noise === null
                    ? []
                    : [{ mark: 'noise', shape: 'square' as const, text: `A/A noise ±${percent(noise, 1)}` }]),
                ]}
              />
            }
          />
          {report !== null && (
            <p class="small soft">
              Held out, {report.family}: {report.calibrated.networks} networks, mean error{' '}
              {percent(report.calibrated.meanAbsoluteError, 1)}, at most{' '}
              {percent(report.calibrated.maxAbsoluteError, 1)}.
            </p>
          )}
          <details>
            <summary>The same as a table</summary>
            <table>
              <thead>
                <tr>
                  <th>Network</th>
                  <th class="number">measured, {unit.name}</th>
                  <th class="number">estimated, {unit.name}</th>
                </tr>
              </thead>
              <tbody>
                {points.map((point) => (
                  <tr key={point.networkHash}>
                    <th scope="row">{point.name}</th>
                    <td class="number">{unit.figure(point.measuredMs)}</td>
                    <td class="number">{unit.figure(point.estimateMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        </div>
      )}
    </Card>
  );
}
