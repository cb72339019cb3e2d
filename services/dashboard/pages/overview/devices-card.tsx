import { percent } from '../../../../charts/text/figures.js';
import type { DeviceView } from '../../../../contracts/http/device-view.js';
import { Card } from '../../parts/card.js';
import { deviceState } from '../../parts/device-state.js';
import { Empty } from '../../parts/empty.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';

/** Every device: whether it is there, what it has to do, and how steady it measures. */
export function DevicesCard(props: {
  readonly devices: readonly DeviceView[] | null;
  /** Whether the page is about devices and nothing else. */
  readonly all?: boolean;
}) {
  const { devices, all = false } = props;
  return (
    <Card title="Devices" aside={all ? '' : <a href={href(['devices'])}>Add a device</a>}>
      {devices?.length === 0 && (
        <Empty title="No device yet">
          A worker registers the machine it runs on: <code>lutra serve</code>
        </Empty>
      )}
      <ul class="rows">
        {devices?.map((device) => (
          <DeviceRow key={device.name} device={device} />
        ))}
      </ul>
    </Card>
  );
}

function DeviceRow({ device }: { readonly device: DeviceView }) {
  const { queue, health, fidelity, lastSeenAtMs } = device;
  const state = deviceState(device);
  return (
    <li>
      <div class="row-head">
        <a class="row-name" href={href(['devices', device.name])}>
          <i class={`dot ${state.tone}`} />
          {device.name}
        </a>
        <span class="small soft">{state.name}</span>
      </div>
      <div class="row-note">
        <span>
          {device.runtime}, {device.threads} thread{device.threads === 1 ? '' : 's'}
        </span>
        {queue.waiting > 0 && <span>{queue.waiting} waiting</span>}
        {health.noise !== null && (
          <span title="The same measured twice differs by up to this">A/A ±{percent(health.noise, 1)}</span>
        )}
        {fidelity.steady !== null && (
          <span title={`Held-out networks: ${fidelity.steady.family}`}>
            estimates off by {percent(fidelity.steady.calibrated.meanAbsoluteError, 1)}
          </span>
        )}
        {state.name === 'offline' && lastSeenAtMs !== null && (
          <span>
            last seen <Ago atMs={lastSeenAtMs} />
          </span>
        )}
      </div>
    </li>
  );
}
