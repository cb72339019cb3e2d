import { pathChart, proposalsBelow } from '../../../../charts/path-chart.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { Empty } from '../../parts/empty.js';

/** From the seed to the budget: what was tried and what was taken. */
export function PathCard({ run, unit }: { readonly run: AdaptationView; readonly unit: LatencyUnit }) {
  const below = run.seed === null ? 0 : proposalsBelow(run, unit, { width: 920, compact: false });
  return (
    <Card
      title="Latency against accuracy"
      aside={below > 0 ? `${below} proposal${below === 1 ? ' lies' : 's lie'} below the plot` : ''}
    >
      {run.seed === null ? (
        <Empty title="The seed is being trained">The path begins where it lies.</Empty>
      ) : (
        <div class="card-body">
          <Chart
            draw={(size) => pathChart(run, unit, size)}
            legend={
              <Legend
                items={[
                  { mark: 'chosen', shape: 'dot', text: 'chosen, measured, on the holdout' },
                  { mark: 'proposal', shape: 'dot', text: 'proposal, estimated' },
                  ...(run.baselines.length > 0
                    ? [
                        {
                          mark: 'adapted',
                          shape: 'diamond' as const,
                          text: 'NetAdapt after the last training',
                        },
                        { mark: 'seed', shape: 'diamond' as const, text: 'seed, trained alike' },
                        { mark: 'rival', shape: 'diamond' as const, text: 'uniform multiplier' },
                      ]
                    : []),
                  { mark: 'budget', shape: 'line', text: 'budget' },
                ]}
              />
            }
          />
        </div>
      )}
    </Card>
  );
}
