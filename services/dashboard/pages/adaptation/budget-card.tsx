import { amountText, resourceText } from '../../../../charts/text/amount-text.js';
import { change } from '../../../../charts/text/figures.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import { reachText, widthsBuyLittle } from '../../../../charts/text/reach-text.js';
import type { AdaptationView, BudgetLineView } from '../../../../contracts/adaptation.js';
import { Badge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';

/** Every limit of the budget: where the seed was, where the run has come to, and what widths alone can reach. */
export function BudgetCard({ run, unit }: { readonly run: AdaptationView; readonly unit: LatencyUnit }) {
  if (run.budget.length === 0) return null;
  const kept = run.budget.filter(({ met }) => met).length;
  return (
    <Card title="Budget" aside={`${kept} of ${run.budget.length} kept, whole intervals included`}>
      <ul class="rows">
        {run.budget.map((line) => (
          <LimitRow key={resourceText(line.resource)} line={line} unit={unit} />
        ))}
      </ul>
      <div class="card-foot">
        {run.reach.map((reach) => (
          <p key={reach.device} class={widthsBuyLittle(reach) ? 'notice' : 'small soft'}>
            {reachText(reach, unit)}
          </p>
        ))}
      </div>
    </Card>
  );
}

function LimitRow({ line, unit }: { readonly line: BudgetLineView; readonly unit: LatencyUnit }) {
  const { resource, seed, limit, least, reached, interval, met } = line;
  // Which device it is stands in the row's name already.
  const amount = (value: number) => amountText(resource, value, resource.device ?? '', unit);
  const most = Math.max(seed, limit, reached);
  const at = (value: number) => `${((100 * value) / most).toFixed(2)}%`;
  return (
    <li>
      <div class="row-head wrap">
        <span class="row-name">{resourceText(resource)}</span>
        <span>
          <span class="figure">{amount(reached)}</span>{' '}
          <span class="soft small">
            of {amount(limit)} <Badge tone={met ? 'good' : 'plain'}>{met ? 'kept' : 'not yet'}</Badge>
          </span>
        </span>
      </div>
      <div class="range limit" aria-hidden="true">
        <i style={{ left: '0', right: `${(100 - (100 * reached) / most).toFixed(2)}%` }} />
        <b style={{ left: at(limit) }} />
        <u style={{ left: at(least) }} />
      </div>
      <div class="row-note">
        <span>
          seed {amount(seed)}, {change(seed, reached)}
        </span>
        <span>least by widths {amount(least)}</span>
        <span>{interval === null ? 'counted' : `at most ${amount(interval.highMs)}`}</span>
      </div>
    </li>
  );
}
