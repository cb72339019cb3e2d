import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { DeviceList } from '../../../../contracts/http/device-view.js';
import { onChange } from '../../api/live.js';
import { useResource } from '../../api/resource.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { Failure } from '../../parts/failure.js';
import { PageHead } from '../../parts/page-head.js';
import { href, route, setQuery } from '../../router.js';
import { ChannelsCards } from './channels-cards.js';
import { EntriesCard } from './entries-card.js';
import { FidelityCard } from './fidelity-card.js';
import { type LoadedTable, loadTable } from './load-table.js';
import { ProvenanceCard } from './provenance-card.js';

/** What Lutra knows of a device: latency by op, beside that of another device if one wishes. */
export function TablePage() {
  const { data, error } = useResource<DeviceList>(
    '/devices',
    ({ kind, type }) => kind === 'device' && type !== 'session',
  ).value;
  const names = data?.devices.map(({ name }) => name) ?? [];
  const { query } = route.value;
  const device = query.get('device') ?? names[0] ?? null;
  const beside = query.get('beside');
  const table = useTable(device);
  const other = useTable(beside);
  return (
    <>
      <PageHead
        title="Latency table"
        actions={
          <>
            <DeviceChoice
              label="Device"
              names={names}
              value={device}
              onChoose={(name) => setQuery({ device: name })}
            />
            <DeviceChoice
              label="Beside"
              names={names.filter((name) => name !== device)}
              value={beside}
              none="nothing"
              onChoose={(name) => setQuery({ beside: name })}
            />
            {device !== null && (
              <a
                class="button"
                href={`/latency-table?${new URLSearchParams({ device, format: 'csv' })}`}
                download={`${device}.csv`}
              >
                CSV
              </a>
            )}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      {table.failure !== null && <Failure error={table.failure} />}
      {data !== null && device === null && (
        <Card title="No device">
          <Empty title="There is no device yet">
            <a href={href(['devices'])}>Add one</a>, then measure a network on it.
          </Empty>
        </Card>
      )}
      {table.loaded !== null && device !== null && (
        <TableCards device={device} table={table.loaded} other={other.loaded} />
      )}
    </>
  );
}

function TableCards(props: {
  readonly device: string;
  readonly table: LoadedTable;
  readonly other: LoadedTable | null;
}) {
  const { device, table, other } = props;
  if (table.entries.length === 0) {
    return (
      <Card title={device}>
        <Empty title="The table is empty">
          Measuring a network adds its ops:
          <code class="command">lutra measure mobilenet-v3-small --resolution 96 --device {device}</code>
        </Empty>
      </Card>
    );
  }
  return (
    <div class="stack">
      <ChannelsCards table={table} other={other} />
      <div class="halves">
        <FidelityCard device={device} version={table.head.provenance.version} />
        <ProvenanceCard table={table} other={other} />
      </div>
      <EntriesCard table={table} other={other} />
    </div>
  );
}

function DeviceChoice(props: {
  readonly label: string;
  readonly names: readonly string[];
  readonly value: string | null;
  readonly none?: string;
  readonly onChoose: (name: string | null) => void;
}) {
  return (
    <label class="inline">
      <span>{props.label}</span>
      <select
        value={props.value ?? ''}
        onChange={(event) => props.onChoose(event.currentTarget.value || null)}
      >
        {props.none !== undefined && <option value="">{props.none}</option>}
        {props.names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A device's table, read anew once a session changed it. */
function useTable(device: string | null): {
  readonly loaded: LoadedTable | null;
  readonly failure: Error | null;
} {
  const reading = useSignal<ReturnType<typeof loadTable> | null>(null);
  const last = useSignal<LoadedTable | null>(null);
  useEffect(() => {
    last.value = null;
    reading.value = null;
    if (device === null) return;
    reading.value = loadTable(device);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onChange((change) => {
      if (change !== null && (change.kind !== 'device' || change.ref !== device)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        // What is shown stays until all of the new table is there.
        last.value = reading.value?.state.peek() ?? last.value;
        reading.value?.end();
        reading.value = loadTable(device);
      }, 1000);
    });
    return () => {
      stop();
      clearTimeout(timer);
      reading.value?.end();
    };
  }, [device, reading, last]);
  return useComputed(() => {
    const now = reading.value?.state.value ?? null;
    const failure = reading.value?.failure.value ?? null;
    return { loaded: now?.complete === true || last.value === null ? now : last.value, failure };
  }).value;
}
