import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DeviceEnvironments, DeviceList } from '../../../../contracts/http/device-view.js';
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
import { choiceText, type LoadedTable, loadTable, readChoice } from './load-table.js';
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
  const environments = useResource<DeviceEnvironments>(
    device === null ? null : `/devices/${encodeURIComponent(device)}/environments`,
    ({ kind, ref }) => kind === 'device' && ref === device,
  ).value;
  const earlier = environments.data?.environments.filter(({ current }) => !current) ?? [];
  const table = useTable(device);
  const other = useTable(beside);
  return (
    <>
      <PageHead
        title="Latency table"
        actions={
          <>
            <Choice
              label="Device"
              value={device}
              onChoose={(name) => setQuery({ device: name, beside: null, op: null })}
            >
              {names.map(asOption)}
            </Choice>
            <Choice label="Beside" value={beside} onChoose={(name) => setQuery({ beside: name })}>
              <option value="">nothing</option>
              {earlier.length > 0 && (
                <optgroup label={`${device} as it was`}>
                  {earlier.map(({ hash, lastSessionAtMs }) => (
                    <option key={hash} value={choiceText({ device: device ?? '', environment: hash })}>
                      {`until ${new Date(lastSessionAtMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`}
                    </option>
                  ))}
                </optgroup>
              )}
              <optgroup label="another device">
                {names.filter((name) => name !== device).map(asOption)}
              </optgroup>
            </Choice>
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
      {other.failure !== null && <Failure error={other.failure} />}
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
        <FidelityCard device={device} report={table.head.fidelity} />
        <ProvenanceCard table={table} other={other} />
      </div>
      <EntriesCard table={table} other={other} />
    </div>
  );
}

function asOption(name: string) {
  return (
    <option key={name} value={name}>
      {name}
    </option>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string | null;
  readonly onChoose: (value: string | null) => void;
  readonly children: ComponentChildren;
}) {
  return (
    <label class="inline">
      <span>{props.label}</span>
      <select
        value={props.value ?? ''}
        onChange={(event) => props.onChoose(event.currentTarget.value || null)}
      >
        {props.children}
      </select>
    </label>
  );
}

/**
 * A table, read anew once a session changed it.
 * @param text a choice as it stands in the address
 */
function useTable(text: string | null): {
  readonly loaded: LoadedTable | null;
  readonly failure: Error | null;
} {
  const reading = useSignal<ReturnType<typeof loadTable> | null>(null);
  const last = useSignal<LoadedTable | null>(null);
  useEffect(() => {
    last.value = null;
    reading.value = null;
    if (text === null) return;
    const choice = readChoice(text);
    reading.value = loadTable(choice);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onChange((change) => {
      if (change !== null && (change.kind !== 'device' || change.ref !== choice.device)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        // What is shown stays until all of the new table is there.
        last.value = reading.value?.state.peek() ?? last.value;
        reading.value?.end();
        reading.value = loadTable(choice);
      }, 1000);
    });
    return () => {
      stop();
      clearTimeout(timer);
      reading.value?.end();
    };
  }, [text, reading, last]);
  return useComputed(() => {
    const now = reading.value?.state.value ?? null;
    const failure = reading.value?.failure.value ?? null;
    return { loaded: now?.complete === true || last.value === null ? now : last.value, failure };
  }).value;
}
