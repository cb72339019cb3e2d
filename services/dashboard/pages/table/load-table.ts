import { signal } from '@preact/signals';
import type { LatencyTableEntry, LatencyTableView } from '../../../../contracts/http/latency-table-view.js';
import { getJson } from '../../api/client.js';

/** A table: a device in its present environment, or in one that it was measured in. */
export interface TableChoice {
  readonly device: string;
  /** First characters of an environment's hash; null: the present one. */
  readonly environment: string | null;
}

/** Characters of a hash that tell environments of a device apart, and that an address can carry. */
const HASH_CHARACTERS = 12;

/** `board`, or `local@1f2e3d4c5b6a` of another environment: how a choice stands in the address. */
export function choiceText({ device, environment }: TableChoice): string {
  return environment === null ? device : `${device}@${environment.slice(0, HASH_CHARACTERS)}`;
}

export function readChoice(text: string): TableChoice {
  const [device = '', environment] = text.split('@', 2);
  return { device, environment: environment ?? null };
}

export interface LoadedTable {
  /** What it is called beside another. */
  readonly name: string;
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
export function loadTable(choice: TableChoice) {
  const { device, environment } = choice;
  const name = choiceText(choice);
  const state = signal<LoadedTable | null>(null);
  const failure = signal<Error | null>(null);
  const ended = new AbortController();
  const read = async () => {
    let entries: LatencyTableEntry[] = [];
    let after: string | null = null;
    do {
      const query = new URLSearchParams({ device, limit: String(PAGE), format: 'json' });
      if (environment !== null) query.set('environment', environment);
      if (after !== null) query.set('after', after);
      const { entries: page, ...head }: LatencyTableView = await getJson(
        `/latency-table?${query}`,
        ended.signal,
      );
      entries = entries.concat(page);
      after = head.next;
      state.value = { name, head, entries, complete: after === null };
    } while (after !== null);
  };
  read().catch((error: unknown) => {
    if (!ended.signal.aborted) failure.value = error as Error;
  });
  return { state, failure, end: () => ended.abort() };
}
