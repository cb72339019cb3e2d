import { percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { Candidate } from '../../../../contracts/candidate.js';
import type { EstimateView } from '../../../../contracts/http/estimate.js';
import type { MeasureAccepted } from '../../../../contracts/http/measure.js';
import { sendJson } from '../../api/client.js';
import { ActionButton } from '../../parts/action-button.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { href } from '../../router.js';

/** Estimated latency on every device, as long as the table knows the ops. */
export function EstimatesCard(props: {
  readonly estimates: readonly EstimateView[] | null;
  readonly candidate: Candidate;
}) {
  const { estimates, candidate } = props;
  const slowestMs = Math.max(
    0,
    ...(estimates ?? []).map(({ interval, partialMs }) => interval?.highMs ?? partialMs ?? 0),
  );
  const unit = latencyUnit(slowestMs);
  const measure = (device: string) => async () => {
    const { job } = await sendJson<MeasureAccepted>('POST', '/measure', { device, candidate });
    location.hash = href(['jobs', job.id]);
  };
  return (
    <Card title="Estimated latency" aside="steady, 95 % interval">
      {estimates?.length === 0 && (
        <Empty title="No device yet">
          <a href={href(['devices'])}>Add one</a>, measure some networks on it, and estimates stand here.
        </Empty>
      )}
      <ul class="rows">
        {estimates?.map((estimate) => (
          <li key={estimate.device}>
            <div class="row-head">
              <a class="row-name" href={href(['devices', estimate.device])}>
                {estimate.device}
              </a>
              <span class="figure big">
                {estimate.latencyMs !== null
                  ? unit.format(estimate.latencyMs)
                  : estimate.partialMs === null
                    ? 'unknown'
                    : `≥ ${unit.format(estimate.partialMs)}`}
                {estimate.interval !== null && (
                  <small>
                    {' '}
                    {unit.figure(estimate.interval.lowMs)} – {unit.figure(estimate.interval.highMs)}
                  </small>
                )}
              </span>
            </div>
            <div class="range" aria-hidden="true">
              {estimate.interval !== null && slowestMs > 0 && (
                <i
                  style={{
                    left: share(estimate.interval.lowMs / slowestMs),
                    right: share(1 - estimate.interval.highMs / slowestMs),
                  }}
                />
              )}
              {(estimate.latencyMs ?? estimate.partialMs) !== null && slowestMs > 0 && (
                <b style={{ left: share((estimate.latencyMs ?? estimate.partialMs ?? 0) / slowestMs) }} />
              )}
            </div>
            <div class="row-note">
              {estimate.missing.length === 0 ? (
                <span>every op is known</span>
              ) : (
                <>
                  <span>
                    {percent(estimate.coverage, 0)} of the ops known, {estimate.missing.length} to be measured
                  </span>
                  <ActionButton act={measure(estimate.device)}>Measure them</ActionButton>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)}%`;
}
