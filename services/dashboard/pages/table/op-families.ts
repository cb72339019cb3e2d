import type { HeatCell } from '../../../../charts/heat-map.js';
import type { StaircasePoint } from '../../../../charts/staircase-chart.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import type { LatencyTableEntry } from '../../../../contracts/http/latency-table-view.js';

/** Ops of a table that differ in nothing but their channels. */
export interface OpGroup {
  /** The key with the channels taken out: `conv2d:24x24x·>·:k1x1:s1x1:relu:f32`. */
  readonly pattern: string;
  readonly kind: string;
  readonly entries: readonly PlacedEntry[];
}

export interface PlacedEntry {
  readonly entry: LatencyTableEntry;
  readonly inputChannels: number;
  /** Equal to the input's where an op has one number of channels only. */
  readonly outputChannels: number;
}

/** Height × width × channels, and channels after `>`, as they stand in op keys. */
const CHANNELS = /^([a-zA-Z0-9]+:)(\d+x\d+x)?(\d+)(?:>(\d+))?(.*)$/;

/** Groups with the most entries first, so that the first is the one with most to see. */
export function groupOps(entries: readonly LatencyTableEntry[]): readonly OpGroup[] {
  const groups = new Map<string, PlacedEntry[]>();
  for (const entry of entries) {
    const match = CHANNELS.exec(entry.key);
    if (match === null) continue;
    const [, kind = '', area = '', input = '', output, rest = ''] = match;
    const pattern = `${kind}${area}·${output === undefined ? '' : '>·'}${rest}`;
    const placed = { entry, inputChannels: Number(input), outputChannels: Number(output ?? input) };
    const group = groups.get(pattern);
    if (group === undefined) groups.set(pattern, [placed]);
    else group.push(placed);
  }
  return [...groups]
    .map(([pattern, placed]) => ({ pattern, kind: pattern.slice(0, pattern.indexOf(':')), entries: placed }))
    .sort((a, b) => b.entries.length - a.entries.length || a.pattern.localeCompare(b.pattern));
}

export function heatCells(group: OpGroup, unit: LatencyUnit): readonly HeatCell[] {
  return group.entries.map(({ entry, inputChannels, outputChannels }) => ({
    inputChannels,
    outputChannels,
    latencyMs: entry.latencyMs,
    title: `${inputChannels} → ${outputChannels} channels: ${unit.format(entry.latencyMs)}, ${entry.source}`,
  }));
}

/**
 * The staircase over the channels that a group varies in most: the other end is held at its most frequent value.
 * @param along which end of the op changes
 */
export function staircase(
  group: OpGroup,
  along: 'input' | 'output',
  held: number,
  unit: LatencyUnit,
): readonly StaircasePoint[] {
  const one = isOneDimensional(group);
  return group.entries
    .filter((place) => one || (along === 'input' ? place.outputChannels : place.inputChannels) === held)
    .map(({ entry, inputChannels, outputChannels }) => {
      const channels = along === 'input' ? inputChannels : outputChannels;
      return {
        channels,
        latencyMs: entry.latencyMs,
        interval: entry.interval,
        source: entry.source,
        title: `${channels} channels: ${unit.format(entry.latencyMs)}, ${entry.source}`,
      };
    })
    .sort((a, b) => a.channels - b.channels);
}

export function isOneDimensional(group: OpGroup): boolean {
  return !group.pattern.includes('>');
}

/** Values of the end that is held, those with most points first. */
export function heldChoices(group: OpGroup, along: 'input' | 'output'): readonly number[] {
  const counts = new Map<number, number>();
  for (const place of group.entries) {
    const value = along === 'input' ? place.outputChannels : place.inputChannels;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([value]) => value);
}
