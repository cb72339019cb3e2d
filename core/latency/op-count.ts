import type { TableEntry } from './latency-table.js';

/** An op of a network and how often it occurs. */
export interface OpCount {
  readonly entry: TableEntry;
  readonly count: number;
}

/**
 * How far a sum of ops may be off, either side, 95 times of 100: errors of different ops are independent, those of one
 * op's occurrences the same.
 */
export function opsSpread(ops: Iterable<OpCount>): { readonly belowNs: number; readonly aboveNs: number } {
  let below = 0;
  let above = 0;
  for (const { entry, count } of ops) {
    below += (count * (entry.latencyNs - entry.lowNs)) ** 2;
    above += (count * (entry.highNs - entry.latencyNs)) ** 2;
  }
  return { belowNs: Math.sqrt(below), aboveNs: Math.sqrt(above) };
}
