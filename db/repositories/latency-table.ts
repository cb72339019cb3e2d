import type { TableEntry } from '../../core/latency/latency-table.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { type StoredEntry, toTableEntry } from './latency-entry.js';
import { type EntryFilter, latencyPage } from './latency-page.js';
import * as sql from './latency-statements.js';

/** Latency tables: one for each environment, derived from measurements. */
export class LatencyTableRepository {
  private readonly known;
  private readonly latest;
  private readonly all;
  private readonly size;

  constructor(private readonly db: Database) {
    this.known = db.prepare<[string, number], StoredEntry>(sql.LOOKUP).raw();
    this.latest = db.prepare<[number], string>(sql.VERSION).pluck();
    this.all = db.prepare<[number], StoredEntry>(sql.ALL_ENTRIES).raw();
    this.size = db.prepare<[number], number>(sql.COUNT).pluck();
  }

  /** One page of entries, by key. */
  entries(environmentId: number, filter: EntryFilter): readonly TableEntry[] {
    const { rows, parameters } = latencyPage(environmentId, filter);
    return this.db.prepare<[object], StoredEntry>(rows).raw().all(parameters).map(toTableEntry);
  }

  /** One page of entries as the JSON array that `GET /latency-table` shows. */
  asJson(environmentId: number, filter: EntryFilter): string {
    const { json, parameters } = latencyPage(environmentId, filter);
    return this.db.prepare<[object], string>(json).pluck().get(parameters)!;
  }

  /** Every entry, in no order: for loading a table into memory. */
  *allEntries(environmentId: number): IterableIterator<TableEntry> {
    for (const stored of this.all.iterate(environmentId)) yield toTableEntry(stored);
  }

  count(environmentId: number): number {
    return this.size.get(environmentId)!;
  }

  /**
   * Changes whenever the entries, or the whole-network measurements that calibrate them, may have changed: an ETag.
   * Costs an index seek. Empty for an unknown environment.
   */
  version(environmentId: number): string {
    return this.latest.get(environmentId) ?? '';
  }

  /** Entries of those keys that the table has, by key. */
  lookup(environmentId: number, keys: readonly string[]): ReadonlyMap<string, TableEntry> {
    const entries = new Map<string, TableEntry>();
    for (const stored of this.known.all(JSON.stringify(keys), environmentId)) {
      if (stored[1] !== null) entries.set(stored[0], toTableEntry(stored));
    }
    return entries;
  }

  /** Those keys that the table lacks, each once. */
  missing(environmentId: number, keys: readonly string[]): readonly string[] {
    const known = this.lookup(environmentId, keys);
    return [...new Set(keys)].filter((key) => !known.has(key));
  }

  /** Brings the entries of some ops up to date with their measurements. */
  refresh(environmentId: number, opIds: readonly number[]): void {
    write(this.db, () => {
      const derive = this.db.prepare(sql.DERIVE_ENTRY);
      for (const opId of opIds) derive.run(environmentId, opId);
    });
  }

  /** Recomputes a table and its anchor baseline from the measurements; the result is the same. */
  rebuildLatencyEntries(environmentId: number): void {
    write(this.db, () => {
      this.db.prepare('DELETE FROM latency_entry WHERE environment_id = ?').run(environmentId);
      this.db.prepare('DELETE FROM anchor_baseline WHERE environment_id = ?').run(environmentId);
      this.setBaseline(environmentId);
      this.db.prepare(sql.DERIVE_TABLE).run(environmentId);
    });
  }

  /** Level of the anchor that sessions of this environment are compared with; null before the first session. */
  baselineNs(environmentId: number): number | null {
    const baseline = this.db
      .prepare<[number], number>('SELECT latency_ns FROM anchor_baseline WHERE environment_id = ?')
      .pluck()
      .get(environmentId);
    return baseline ?? null;
  }

  /** Takes the first anchor that counts as the baseline, unless there is one. */
  setBaseline(environmentId: number): void {
    write(this.db, () => {
      this.db.prepare(sql.DERIVE_BASELINE).run(environmentId);
    });
  }
}
