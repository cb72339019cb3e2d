import type { HeatCell } from '../../../../charts/heat-map.js';
import type { StaircasePoint } from '../../../../charts/staircase-chart.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import type { LatencyTableEntry } from '../../../../contracts/http/latency-table-view.js';
import { derivedEntry } from '../../../../core/latency/derived-entry.js';
import type { TableEntry } from '../../../../core/latency/latency-table.js';

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

/** What a line through a group of ops is taken along. */
export interface Line {
  /** Which end of the op changes. */
  readonly along: 'input' | 'output';
  /** Channels of the other end. */
  readonly held: number;
}

/** The staircase over the channels of one end: what was measured, and between it what estimates go by. */
export function staircase(
  group: OpGroup,
  line: Line,
  channelStep: number,
  unit: LatencyUnit,
): readonly StaircasePoint[] {
  const { along, held } = line;
  const one = isOneDimensional(group);
  const measured = group.entries
    .filter((place) => one || (along === 'input' ? place.outputChannels : place.inputChannels) === held)
    .map((place) =>
      asPoint(along === 'input' ? place.inputChannels : place.outputChannels, place.entry, unit),
    );
  const derived = derivedPoints(
    group,
    line,
    new Set(measured.map(({ channels }) => channels)),
    channelStep,
    unit,
  );
  return [...measured, ...derived].sort((a, b) => a.channels - b.channels);
}

function asPoint(channels: number, entry: LatencyTableEntry, unit: LatencyUnit): StaircasePoint {
  const { latencyMs, interval, source } = entry;
  return {
    channels,
    latencyMs,
    interval,
    source,
    title: `${channels} channels: ${unit.format(latencyMs)}, ${source}`,
  };
}

/** A network may have any width; these are enough to see what lies between measured ones. */
const PLACES_A_STEP = 2;
const USUAL_STEP = 8;
const MOST_DERIVED = 128;

/** Widths that nobody measured, between those that were, as estimates take them. */
function derivedPoints(
  group: OpGroup,
  line: Line,
  measured: ReadonlySet<number>,
  channelStep: number,
  unit: LatencyUnit,
): readonly StaircasePoint[] {
  const entries = new Map(group.entries.map(({ entry }) => [entry.key, tableEntry(entry)]));
  const every = channelStep > 1 ? Math.max(1, channelStep / PLACES_A_STEP) : USUAL_STEP;
  const most = Math.max(0, ...measured);
  const count = Math.min(MOST_DERIVED, Math.floor(most / every));
  const widths = Array.from({ length: count }, (_, i) => every * (i + 1)).filter(
    (width) => !measured.has(width),
  );
  return widths.flatMap((width) => {
    const derived = derivedEntry(keyAt(group, line, width), channelStep, (key) => entries.get(key));
    if (derived === undefined) return [];
    const { latencyNs, source } = derived;
    const latencyMs = latencyNs / 1e6;
    const title = `${width} channels: ${unit.format(latencyMs)}, ${source}`;
    return [{ channels: width, latencyMs, interval: null, source, title }];
  });
}

function keyAt({ pattern }: OpGroup, { along, held }: Line, width: number): string {
  const [first, second] = along === 'input' || !pattern.includes('>') ? [width, held] : [held, width];
  return pattern.replace('·', String(first)).replace('·', String(second));
}

function tableEntry({ key, latencyMs, interval, samples, measuredAt }: LatencyTableEntry): TableEntry {
  return {
    key,
    latencyNs: latencyMs * 1e6,
    lowNs: interval.lowMs * 1e6,
    highNs: interval.highMs * 1e6,
    source: 'measured',
    samples,
    measuredAtMs: Date.parse(measuredAt),
  };
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
