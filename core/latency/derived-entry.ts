import { LutraError } from '../errors.js';
import type { Op } from '../ops/op.js';
import { decodeOpKey, encodeOpKey } from '../ops/op-key.js';
import type { TableEntry } from './latency-table.js';
import { readWidths, withWidths } from './op-widths.js';

type Lookup = (key: string) => TableEntry | undefined;

/**
 * What becomes of widths that are no multiple of a device's channel step: `padded` to the next one and as fast, or
 * `slower` than it by as much as nobody can tell without measuring.
 */
export type OffStep = 'padded' | 'slower';

/** Neighbours further away, in channel steps, say too little. */
const FARTHEST_STEPS = 4;

/**
 * What measured neighbours tell of an op that was not measured. `snapped`: the op with some of its widths rounded up to the
 * device's channel step, as few as were measured so, which computes the same blocks. `interpolated`: linear in one width
 * between the nearest measured ones, the others as they are or rounded. The interval is that of the neighbours:
 * {@link widened} says what standing for another width adds.
 * @param channelStep 1 where the device has none: nothing is snapped then, and neighbours are looked for in steps of 8
 * @param lookup measured entries
 * @param offStep `slower`: nothing is said of other widths from one that is no multiple of the step, nor the reverse
 */
export function derivedEntry(
  key: string,
  channelStep: number,
  lookup: Lookup,
  offStep: OffStep = 'padded',
): TableEntry | undefined {
  const op = decoded(key);
  if (op === null) return undefined;
  const widths = readWidths(op);
  const alternatives = offStep === 'slower' ? [widths] : roundings(widths, channelStep);
  for (const snapped of alternatives) {
    const block = snapped === widths ? undefined : lookup(encodeOpKey(withWidths(op, snapped)));
    if (block !== undefined) return { ...block, key, source: 'snapped' };
  }
  return interpolated(key, op, alternatives, channelStep, lookup);
}

/** The widths, and with some of those that are off the step rounded up to it: the fewest changes first. */
function roundings(widths: readonly number[], channelStep: number): readonly (readonly number[])[] {
  let known: readonly (readonly number[])[] = [widths];
  widths.forEach((width, axis) => {
    const rounded = Math.ceil(width / channelStep) * channelStep;
    if (rounded !== width) known = [...known, ...known.map((before) => before.with(axis, rounded))];
  });
  const changes = (other: readonly number[]) => other.filter((width, axis) => width !== widths[axis]).length;
  return known.toSorted((a, b) => changes(a) - changes(b));
}

/**
 * An entry with a wider interval.
 * @param error |ln(figure ÷ truth)| that figures of its kind keep to in 95 % of cases
 */
export function widened(entry: TableEntry, error: number): TableEntry {
  const { latencyNs, lowNs, highNs } = entry;
  const below = Math.hypot(latencyNs - lowNs, (1 - Math.exp(-error)) * latencyNs);
  const above = Math.hypot(highNs - latencyNs, (Math.exp(error) - 1) * latencyNs);
  return { ...entry, lowNs: Math.max(0, latencyNs - below), highNs: latencyNs + above };
}

function decoded(key: string): Op | null {
  try {
    return decodeOpKey(key);
  } catch (error) {
    if (error instanceof LutraError) return null;
    throw error;
  }
}

/** Along widths that are multiples of the step: between others lie its stairs. */
function interpolated(
  key: string,
  op: Op,
  alternatives: readonly (readonly number[])[],
  channelStep: number,
  lookup: Lookup,
): TableEntry | undefined {
  const step = channelStep > 1 ? channelStep : 8;
  let best: { readonly entry: TableEntry; readonly gap: number } | undefined;
  for (const widths of alternatives) {
    for (const [axis, width] of widths.entries()) {
      if (width % channelStep !== 0) continue;
      const at = (other: number) =>
        other < 1 ? undefined : lookup(encodeOpKey(withWidths(op, widths.with(axis, other))));
      const below = nearest(width, -step, at);
      const above = nearest(width, step, at);
      if (below === undefined || above === undefined) continue;
      const gap = above.width - below.width;
      if (best !== undefined && best.gap <= gap) continue;
      best = { gap, entry: between(key, below.entry, above.entry, (width - below.width) / gap) };
    }
  }
  return best?.entry;
}

/** The first measured width on one side. */
function nearest(width: number, step: number, at: (width: number) => TableEntry | undefined) {
  // The last multiple that is not yet on that side.
  const base = step > 0 ? Math.floor(width / step) * step : Math.ceil(width / -step) * -step;
  for (let steps = 1; steps <= FARTHEST_STEPS; steps++) {
    const other = base + steps * step;
    const entry = at(other);
    if (entry !== undefined) return { width: other, entry };
  }
  return undefined;
}

function between(key: string, below: TableEntry, above: TableEntry, share: number): TableEntry {
  const mix = (from: number, to: number) => from + share * (to - from);
  return {
    key,
    latencyNs: mix(below.latencyNs, above.latencyNs),
    lowNs: mix(below.lowNs, above.lowNs),
    highNs: mix(below.highNs, above.highNs),
    source: 'interpolated',
    samples: Math.min(below.samples, above.samples),
    measuredAtMs: Math.min(below.measuredAtMs, above.measuredAtMs),
  };
}
