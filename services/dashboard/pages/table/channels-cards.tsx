import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { heatMap } from '../../../../charts/heat-map.js';
import { staircaseChart } from '../../../../charts/staircase-chart.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import { Card } from '../../parts/card.js';
import { Chart, Legend } from '../../parts/chart.js';
import { route, setQuery } from '../../router.js';
import type { LoadedTable } from './load-table.js';
import {
  groupOps,
  heatCells,
  heldChoices,
  isOneDimensional,
  type OpGroup,
  staircase,
} from './op-families.js';

/** How latency depends on channels, for one kind of op at one size of image. */
export function ChannelsCards({
  table,
  other,
}: {
  readonly table: LoadedTable;
  readonly other: LoadedTable | null;
}) {
  const groups = useMemoised(table, () => groupOps(table.entries));
  const otherGroups = useMemoised(other, () => (other === null ? [] : groupOps(other.entries)));
  const pattern = route.value.query.get('op');
  const group = groups.find((one) => one.pattern === pattern) ?? mostToSee(groups, otherGroups);
  const along = useSignal<'input' | 'output'>('output');
  const held = useSignal<number | null>(null);
  useSignalEffect(() => {
    // Another op has other channels.
    void route.value.query.get('op');
    held.value = null;
  });
  if (group === undefined) return null;
  const choices = heldChoices(group, along.value);
  const heldAt = held.value ?? choices[0] ?? 0;
  const slowestMs = Math.max(...group.entries.map(({ entry }) => entry.latencyMs));
  const unit = latencyUnit(slowestMs);
  const twin = otherGroups.find((one) => one.pattern === group.pattern);
  const line = { along: along.value, held: heldAt };
  const series = [
    { name: table.name, points: staircase(group, line, stepOf(table), unit) },
    ...(twin === undefined || other === null
      ? []
      : [{ name: other.name, points: staircase(twin, line, stepOf(other), unit) }]),
  ];
  return (
    <>
      <Card title="Op" aside={`${group.entries.length} of ${table.entries.length} entries`}>
        <div class="card-body controls">
          <GroupChoice groups={groups} group={group} />
          {!isOneDimensional(group) && (
            <>
              <label>
                <span>Staircase along</span>
                <select
                  value={along.value}
                  onChange={(event) => {
                    along.value = event.currentTarget.value as 'input' | 'output';
                    held.value = null;
                  }}
                >
                  <option value="output">output channels</option>
                  <option value="input">input channels</option>
                </select>
              </label>
              <label>
                <span>{along.value === 'output' ? 'at input channels' : 'at output channels'}</span>
                <select
                  value={heldAt}
                  onChange={(event) => {
                    held.value = Number(event.currentTarget.value);
                  }}
                >
                  {choices.map((value) => (
                    <option key={value} value={value}>
                      {value}
                    </option>
                  ))}
                </select>
              </label>
            </>
          )}
        </div>
      </Card>
      <div class={twin === undefined ? 'halves' : 'stack'}>
        <Card title="Channel staircase" aside={`latency (${unit.name})`}>
          <div class="card-body">
            <Chart
              draw={(size) =>
                staircaseChart(
                  series,
                  `${isOneDimensional(group) ? '' : `${along.value} `}channels`,
                  unit,
                  size,
                )
              }
              legend={
                <Legend
                  items={[
                    ...(series.length > 1
                      ? series.map(({ name }, index) => ({
                          mark: `macs-point series-${index}`,
                          shape: 'dot' as const,
                          text: name,
                        }))
                      : []),
                    { mark: 'stairs series-0 measured', shape: 'dot', text: 'measured' },
                    { mark: 'snapped', shape: 'square', text: 'snapped to the device’s step' },
                    { mark: 'interpolated', shape: 'dot', text: 'interpolated' },
                  ]}
                />
              }
            />
          </div>
        </Card>
        {twin === undefined || other === null ? (
          <HeatCard title="Latency over channels" group={group} unit={unit} />
        ) : (
          <div class="halves">
            <HeatCard title={table.name} group={group} unit={unit} />
            <HeatCard title={other.name} group={twin} unit={unit} />
          </div>
        )}
      </div>
    </>
  );
}

function stepOf({ head }: LoadedTable): number {
  return head.environment?.channelStep ?? 1;
}

function HeatCard(props: {
  readonly title: string;
  readonly group: OpGroup;
  readonly unit: ReturnType<typeof latencyUnit>;
}) {
  const { title, group, unit } = props;
  return (
    <Card title={title} aside={`${unit.name}, darker is slower`}>
      <div class="card-body">
        <Chart draw={(size) => heatMap(heatCells(group, unit), unit, size)} />
      </div>
    </Card>
  );
}

/** The group with the most entries; beside another table, of those that both have. */
function mostToSee(groups: readonly OpGroup[], others: readonly OpGroup[]): OpGroup | undefined {
  const known = new Map(others.map(({ pattern, entries }) => [pattern, entries.length]));
  const shared = groups
    .filter(({ pattern }) => known.has(pattern))
    .toSorted((a, b) => (known.get(b.pattern) ?? 0) - (known.get(a.pattern) ?? 0));
  return shared[0] ?? groups[0];
}

function GroupChoice({ groups, group }: { readonly groups: readonly OpGroup[]; readonly group: OpGroup }) {
  const kinds = [...new Set(groups.map(({ kind }) => kind))];
  return (
    <label class="wide-field">
      <span>Op, without its channels</span>
      <select value={group.pattern} onChange={(event) => setQuery({ op: event.currentTarget.value })}>
        {kinds.map((kind) => (
          <optgroup key={kind} label={kind}>
            {groups
              .filter((one) => one.kind === kind)
              .map(({ pattern, entries }) => (
                <option key={pattern} value={pattern}>
                  {pattern} ({entries.length})
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** Computed once for every table. */
function useMemoised<T>(source: unknown, compute: () => T): T {
  const held = useSignal<{ source: unknown; value: T } | null>(null);
  if (held.peek() === null || held.peek()?.source !== source) held.value = { source, value: compute() };
  return useComputed(() => held.value!.value).peek();
}
