import type { TableEntry } from '../../core/latency/latency-table.js';

/** A row of a latency table as SQLite yields it in raw mode, in the order of {@link ENTRY_COLUMNS}. */
export type StoredEntry = readonly [
  key: string,
  latencyNs: number,
  lowNs: number,
  highNs: number,
  samples: number,
  measuredAtMs: number,
];

/** Columns of {@link StoredEntry}, from `op` and `latency_entry`. */
export const ENTRY_COLUMNS = `op.key, latency_entry.latency_ns, latency_entry.low_ns, latency_entry.high_ns,
  latency_entry.sample_count, latency_entry.measured_at_ms`;

/** Whatever the database holds was measured; snapped and interpolated entries are made by who needs them. */
export function toTableEntry([
  key,
  latencyNs,
  lowNs,
  highNs,
  samples,
  measuredAtMs,
]: StoredEntry): TableEntry {
  return { key, latencyNs, lowNs, highNs, source: 'measured', samples, measuredAtMs };
}
