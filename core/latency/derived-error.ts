import { quantile } from '../measurement/quantile.js';
import { derivedEntry, type OffStep } from './derived-entry.js';
import type { TableEntry } from './latency-table.js';

/** |ln(figure ÷ truth)| that 95 % of an op kind's derived figures keep to. */
export type DerivedError = (entry: TableEntry) => number;

type Source = Exclude<TableEntry['source'], 'measured'>;

/** For tables that hold too little to tell: what five tables of this project's machines showed, the worst of them. */
const USUAL_ERROR: Readonly<Record<Source, number>> = { snapped: 0.28, interpolated: 0.18 };

/** From fewer than these nothing is said of a kind, or of all kinds together. */
const LEAST_CASES = 10;
/** Entries that are judged, evenly through the table. */
const MOST_JUDGED = 400;

/**
 * How far measured neighbours are from the truth in this table: each entry that neighbours could stand for is derived
 * from them as if it had not been measured, and compared with what was. By op kind and way of deriving where the table
 * holds ten cases, over all kinds where it holds ten of those, and the usual error else.
 */
export function derivedError(
  entries: ReadonlyMap<string, TableEntry>,
  channelStep: number,
  offStep: OffStep = 'padded',
): DerivedError {
  const errors = new Map<string, number[]>();
  const stride = Math.max(1, Math.floor(entries.size / MOST_JUDGED));
  let index = 0;
  for (const [key, entry] of entries) {
    if (index++ % stride !== 0) continue;
    const others = (other: string) => (other === key ? undefined : entries.get(other));
    const derived = derivedEntry(key, channelStep, others, offStep);
    if (derived === undefined) continue;
    const error = Math.abs(Math.log(derived.latencyNs / entry.latencyNs));
    for (const group of groupsOf(derived)) errors.set(group, [...(errors.get(group) ?? []), error]);
  }
  return (entry) => {
    for (const group of groupsOf(entry)) {
      const known = errors.get(group) ?? [];
      if (known.length >= LEAST_CASES) return quantile(known, 0.95);
    }
    return USUAL_ERROR[entry.source as Source];
  };
}

/** The narrower group first. */
function groupsOf({ key, source }: TableEntry): readonly string[] {
  return [`${source} ${key.slice(0, key.indexOf(':'))}`, source];
}
