import { widthHistoryChart } from '../../../../charts/width-history-chart.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';

/** Which layers gave up channels, and when. */
export function WidthsCard({ run }: { readonly run: AdaptationView }) {
  if (run.seed === null) return null;
  const history = [
    run.seed.widths,
    ...run.iterations.flatMap(({ network }) => (network === null ? [] : [network.widths])),
  ];
  const cut = new Set(run.iterations.flatMap(({ proposals }) => proposals.map(({ group }) => group)));
  const groups = Object.keys(run.seed.widths).filter((group) => cut.size === 0 || cut.has(group));
  return (
    <Card title="Widths" aside={`${groups.length} groups of channels`}>
      <div class="card-body">
        <Chart
          draw={(size) => widthHistoryChart(groups, history, size)}
          legend={
            <Legend
              items={[
                { mark: 'cut-mark', shape: 'square', text: 'cut in this iteration' },
                { mark: 'proposal', shape: 'square', text: 'left as it was' },
              ]}
            />
          }
        />
      </div>
    </Card>
  );
}
