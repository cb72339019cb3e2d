import { change, percent } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { DeviceView } from '../../../../contracts/http/device-view.js';
import { sendJson } from '../../api/client.js';
import { ActionButton } from '../../parts/action-button.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { Ago } from '../../parts/time.js';

/** A/A measurements: the same networks in two sessions, so that all that differs is noise. */
export function NoiseCard({ device }: { readonly device: DeviceView }) {
  const { noiseChecks } = device.health;
  const check = () => sendJson('POST', `/devices/${encodeURIComponent(device.name)}/noise-check`);
  return (
    <Card title="A/A checks" aside={<ActionButton act={check}>Check now</ActionButton>}>
      {noiseChecks.length === 0 && (
        <Empty title="None yet">
          An idle device measures the same networks twice, once a day. What differs is its noise floor.
        </Empty>
      )}
      <ul class="rows">
        {noiseChecks.slice(0, 8).map(({ measuredAtMs, sessionIds, floor, networks }) => (
          <li key={sessionIds.join()}>
            <div class="row-head">
              <span class="row-name">±{percent(floor, 1)}</span>
              <span class="small muted">
                <Ago atMs={measuredAtMs} />
              </span>
            </div>
            <div class="row-note">
              <span>sessions {sessionIds.join(' and ')}</span>
              {networks.map(({ networkHash, firstMs, secondMs }) => (
                <span key={networkHash}>
                  {latencyUnit(firstMs).format(firstMs)} {change(firstMs, secondMs, 1)}
                </span>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
