import type { TableEntry } from '../../core/latency/latency-table.js';
import type { EntryFilter } from '../../db/repositories/latency-page.js';
import type { LatencyTableRepository } from '../../db/repositories/latency-table.js';

export type StreamedTableFormat = 'ndjson' | 'csv';

export const TABLE_MEDIA_TYPES = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

const CSV_HEADER = 'key,latency_ms,low_ms,high_ms,source,samples,measured_at\n';

/** Entries are read in pages, so that a table of a million is never held at once. */
const PAGE = 1000;

const NS_PER_MS = 1e6;

/** The entries of a table as text, one line each, in chunks. */
export function* tableLines(
  rows: LatencyTableRepository,
  environmentId: number | null,
  filter: EntryFilter,
  format: StreamedTableFormat,
): Generator<string> {
  if (format === 'csv') yield CSV_HEADER;
  if (environmentId === null) return;
  const line = format === 'csv' ? csvLine : jsonLine;
  let left = filter.limit;
  let afterKey = filter.afterKey;
  while (left > 0) {
    const limit = Math.min(PAGE, left);
    const page = rows.entries(environmentId, {
      ...filter,
      limit,
      ...(afterKey === undefined ? {} : { afterKey }),
    });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.map(line).join('');
    left -= page.length;
    afterKey = last.key;
  }
}

function jsonLine({ key, latencyNs, lowNs, highNs, source, samples, measuredAtMs }: TableEntry): string {
  const entry = {
    key,
    latencyMs: latencyNs / NS_PER_MS,
    interval: { lowMs: lowNs / NS_PER_MS, highMs: highNs / NS_PER_MS, level: 0.95 },
    source,
    samples,
    measuredAt: new Date(measuredAtMs).toISOString(),
  };
  return `${JSON.stringify(entry)}\n`;
}

/** Keys hold commas where an op has several inputs: they are quoted always. */
function csvLine({ key, latencyNs, lowNs, highNs, source, samples, measuredAtMs }: TableEntry): string {
  const figures = [latencyNs, lowNs, highNs].map((ns) => ns / NS_PER_MS);
  const fields = [
    `"${key.replaceAll('"', '""')}"`,
    ...figures,
    source,
    samples,
    new Date(measuredAtMs).toISOString(),
  ];
  return `${fields.join(',')}\n`;
}
