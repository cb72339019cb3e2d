import type { DeviceEnvironments, DeviceView } from '../../../../contracts/http/device-view.js';
import { useResource } from '../../api/resource.js';
import { Badge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';
import { choiceText } from '../table/load-table.js';

/** Every environment that the device was measured in, each with a table of its own. */
export function TablesCard({ device }: { readonly device: DeviceView }) {
  const { data } = useResource<DeviceEnvironments>(
    `/devices/${encodeURIComponent(device.name)}/environments`,
    ({ kind, ref }) => kind === 'device' && ref === device.name,
  ).value;
  return (
    <Card title="Latency tables" aside="one for each environment">
      {data?.environments.length === 0 && (
        <Empty title="No table yet">A new version of the runtime, or of the system, begins another.</Empty>
      )}
      <ul class="rows">
        {data?.environments.map(({ hash, current, environment, entryCount, sessions, lastSessionAtMs }) => (
          <li key={hash}>
            <div class="row-head">
              <a
                class="row-name"
                href={href(['table'], {
                  device: device.name,
                  ...(current ? {} : { beside: choiceText({ device: device.name, environment: hash }) }),
                })}
              >
                <code>{hash.slice(0, 12)}</code>
              </a>
              {current ? <Badge tone="good">now</Badge> : <span class="small soft">earlier: compare</span>}
            </div>
            <div class="row-note">
              <span>
                {environment.runtime} {environment.runtimeVersion}
              </span>
              <span>{entryCount.toLocaleString()} ops</span>
              <span>
                {sessions} session{sessions === 1 ? '' : 's'}
              </span>
              <Ago atMs={lastSessionAtMs} />
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}
