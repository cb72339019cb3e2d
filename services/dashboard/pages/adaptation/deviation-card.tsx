import { deviationChart, deviations } from '../../../../charts/deviation-chart.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Chart } from '../../parts/chart.js';
import { Empty } from '../../parts/empty.js';

/** How far each estimate lay from what was measured then. */
export function DeviationCard({ run, unit }: { readonly run: AdaptationView; readonly unit: LatencyUnit }) {
  const entries = deviations(run.iterations);
  return (
    <Card title="Estimate against measurement">
      {entries.length === 0 ? (
        <Empty title="Nothing measured yet">Every chosen network is measured whole.</Empty>
      ) : (
        <div class="card-body">
          <Chart draw={(size) => deviationChart(entries, unit, size)} />
        </div>
      )}
    </Card>
  );
}
