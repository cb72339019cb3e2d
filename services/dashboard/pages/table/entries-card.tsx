import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { change } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { LatencyTableEntry } from '../../../../contracts/http/latency-table-view.js';
import { Card } from '../../parts/card.js';
import { OpKey } from '../../parts/op-key.js';
import { VirtualRows } from '../../parts/virtual-rows.js';
import type { LoadedTable } from './load-table.js';

type Order = 'key' | 'latency';

/** Every entry, to be searched and sorted; beside another device's where both know the op. */
export function EntriesCard({
  table,
  other,
}: {
  readonly table: LoadedTable;
  readonly other: LoadedTable | null;
}) {
  const search = useSignal('');
  const order = useSignal<Order>('key');
  const { entries } = table;
  const otherByKey = useMemo(() => new Map(other?.entries.map((entry) => [entry.key, entry])), [other]);
  const slowestMs = useMemo(
    () => entries.reduce((most, { latencyMs }) => Math.max(most, latencyMs), 0),
    [entries],
  );
  const unit = latencyUnit(slowestMs);
  const shown = useMemo(
    () => select(entries, search.value, order.value),
    [entries, search.value, order.value],
  );
  return (
    <Card
      title="Entries"
      aside={`${shown.length.toLocaleString()} of ${table.head.entryCount.toLocaleString()}`}
    >
      <div class="card-body controls">
        <label class="wide-field">
          <span>Search, e.g. depthwise k5x5 or 24x24x72</span>
          <input
            type="search"
            value={search}
            onInput={(event) => {
              search.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          <span>Order</span>
          <select
            value={order}
            onChange={(event) => {
              order.value = event.currentTarget.value as Order;
            }}
          >
            <option value="key">by op</option>
            <option value="latency">slowest first</option>
          </select>
        </label>
      </div>
      <VirtualRows
        items={shown}
        label="Entries of the latency table"
        columns={other === null ? 5 : 6}
        head={
          <tr>
            <th>Op</th>
            <th class="number">{unit.name}</th>
            {other !== null && <th class="number">{other.name}</th>}
            <th class="number">95 % interval</th>
            <th>Source</th>
            <th class="number">Samples</th>
          </tr>
        }
        row={(entry) => {
          const twin = otherByKey.get(entry.key);
          return (
            <tr key={entry.key}>
              <th scope="row">
                <OpKey opKey={entry.key} />
              </th>
              <td class="number">{unit.figure(entry.latencyMs)}</td>
              {other !== null && (
                <td class="number soft">
                  {twin === undefined
                    ? '–'
                    : `${unit.figure(twin.latencyMs)} (${change(entry.latencyMs, twin.latencyMs)})`}
                </td>
              )}
              <td class="number soft">
                {unit.figure(entry.interval.lowMs)} – {unit.figure(entry.interval.highMs)}
              </td>
              <td>{entry.source}</td>
              <td class="number soft">{entry.samples}</td>
            </tr>
          );
        }}
      />
    </Card>
  );
}

/** Every word must be part of the key. */
function select(
  entries: readonly LatencyTableEntry[],
  search: string,
  order: Order,
): readonly LatencyTableEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found =
    words.length === 0
      ? entries
      : entries.filter(({ key }) => words.every((word) => key.toLowerCase().includes(word)));
  return order === 'key' ? found : found.toSorted((a, b) => b.latencyMs - a.latencyMs);
}
