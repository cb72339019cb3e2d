import { signal } from '@preact/signals';
import type { LatencyTableEntry, LatencyTableView } from '../../../../contracts/http/latency-table-view.js';
import { getJson } from '../../api/client.js';

export interface LoadedTable {
  /** Everything but the entries, which are read page by page. */
  readonly head: Omit<LatencyTableView, 'entries'>;
  readonly entries: readonly LatencyTableEntry[];
  readonly complete: boolean;
}

const PAGE = 10_000;

/**
 * Reads a whole table, page by page, telling of each, so that the first rows show at once.
 * @returns what has been read so far, and a function that ends the reading
 */
export function loadTable(device: string) {
  const state = signal<LoadedTable | null>(null);
  const failure = signal<Error | null>(null);
  const ended = new AbortController();
  const read = async () => {
    let entries: LatencyTableEntry[] = [];
    let after: string | null = null;
    do {
      const query = new URLSearchParams({ device, limit: String(PAGE), format: 'json' });
      if (after !== null) query.set('after', after);
      const { entries: page, ...head }: LatencyTableView = await getJson(
        `/latency-table?${query}`,
        ended.signal,
      );
      entries = entries.concat(page);
      after = head.next;
      state.value = { head, entries, complete: after === null };
    } while (after !== null);
  };
  read().catch((error: unknown) => {
    if (!ended.signal.aborted) failure.value = error as Error;
  });
  return { state, failure, end: () => ended.abort() };
}
