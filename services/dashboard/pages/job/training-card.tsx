import { duration, percent } from '../../../../charts/text/figures.js';
import type { TrainResult } from '../../../../contracts/job.js';
import { Card } from '../../parts/card.js';

/** What a training came to. */
export function TrainingCard({ result }: { readonly result: TrainResult }) {
  return (
    <Card title="Training">
      <dl class="facts card-body">
        {result.test !== null && (
          <div>
            <dt>Test accuracy</dt>
            <dd>
              {percent(result.test.accuracy)}
              <small>{result.test.count.toLocaleString()} images</small>
            </dd>
          </div>
        )}
        {result.holdout !== null && (
          <div>
            <dt>Holdout accuracy</dt>
            <dd>
              {percent(result.holdout.accuracy)}
              <small>{result.holdout.count.toLocaleString()} images</small>
            </dd>
          </div>
        )}
        {result.finalLossNats !== null && (
          <div>
            <dt>Training loss</dt>
            <dd>
              {result.finalLossNats.toFixed(3)}
              <small>nats, last steps</small>
            </dd>
          </div>
        )}
        <div>
          <dt>Steps</dt>
          <dd>
            {result.steps.toLocaleString()}
            <small>in {duration(result.durationMs)}</small>
          </dd>
        </div>
      </dl>
    </Card>
  );
}
