import type { TableEntry } from '../../core/latency/latency-table.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { ENTRY_COLUMNS, type StoredEntry, toTableEntry } from './latency-entry.js';

export interface EntryFilter {
  /** Kind of op, e.g. `depthwise`. */
  readonly kind?: string;
  readonly keyPrefix?: string;
  readonly keys?: readonly string[];
  readonly limit: number;
  /** Only entries whose key sorts after this one: the last key of the page before. */
  readonly afterKey?: string;
}

/** A confidence level of 95 % is what `core/measurement` computes. */
const LEVEL = 0.95;

/** The API's view of one entry, built inside SQLite: four times the rate of building it in JavaScript. */
const ENTRY_JSON = `json_object('key', key, 'latencyMs', latency_ns / 1e6,
  'interval', json_object('lowMs', low_ns / 1e6, 'highMs', high_ns / 1e6, 'level', ${LEVEL}),
  'source', 'measured', 'samples', sample_count,
  'measuredAt', strftime('%Y-%m-%dT%H:%M:%fZ', measured_at_ms / 1000.0, 'unixepoch'))`;

/** Latency tables: one for each environment, derived from measurements. Everything is ordered by key. */
export class LatencyTableRepository {
  private readonly known;
  private readonly latest;
  private readonly all;
  private readonly size;

  constructor(private readonly db: Database) {
    this.known = db.prepare<[object], StoredEntry>(LOOKUP).raw();
    this.latest = db
      .prepare<[number], string | null>(
        `SELECT hash || '-' || coalesce((SELECT max(id) FROM measurement WHERE environment_id = environment.id), 0)
         FROM environment WHERE id = ?`,
      )
      .pluck();
    this.all = db
      .prepare<[number], StoredEntry>(
        `SELECT ${ENTRY_COLUMNS} FROM latency_entry JOIN op ON op.id = latency_entry.op_id WHERE environment_id = ?`,
      )
      .raw();
    this.size = db
      .prepare<[number], number>('SELECT count(*) FROM latency_entry WHERE environment_id = ?')
      .pluck();
  }

  /** One page of entries. */
  entries(environmentId: number, filter: EntryFilter): readonly TableEntry[] {
    const { sql, parameters } = pageOf(environmentId, filter);
    return this.db.prepare<[object], StoredEntry>(sql).raw().all(parameters).map(toTableEntry);
  }

  /** One page of entries as the JSON array that `GET /latency-table` shows. */
  asJson(environmentId: number, filter: EntryFilter): string {
    const { sql, parameters } = pageOf(environmentId, filter);
    return this.db
      .prepare<[object], string>(`SELECT json_group_array(${ENTRY_JSON}) FROM (${sql})`)
      .pluck()
      .get(parameters)!;
  }

  /** Every entry, in no order: for loading a table into memory. */
  *allEntries(environmentId: number): IterableIterator<TableEntry> {
    for (const stored of this.all.iterate(environmentId)) yield toTableEntry(stored);
  }

  count(environmentId: number): number {
    return this.size.get(environmentId)!;
  }

  /**
   * Changes whenever the entries or the whole-network measurements that calibrate them may have changed; an ETag.
   * One index seek: measurements are only ever added.
   */
  version(environmentId: number): string {
    return this.latest.get(environmentId) ?? '';
  }

  /** Entries of those keys that the table has, by key. */
  lookup(environmentId: number, keys: readonly string[]): ReadonlyMap<string, TableEntry> {
    const entries = new Map<string, TableEntry>();
    for (const stored of this.known.all({ environmentId, keys: JSON.stringify(keys) })) {
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
      const refresh = this.db.prepare(`${DERIVE} AND environment_id = ? AND op_id = ? ${REPLACE}`);
      for (const opId of opIds) refresh.run(environmentId, opId);
    });
  }

  /** Recomputes a table and its anchor baseline from the measurements; the result is the same. */
  rebuildLatencyEntries(environmentId: number): void {
    write(this.db, () => {
      this.db.prepare('DELETE FROM latency_entry WHERE environment_id = ?').run(environmentId);
      this.db.prepare('DELETE FROM anchor_baseline WHERE environment_id = ?').run(environmentId);
      this.setBaseline(environmentId);
      this.db.prepare(`${DERIVE} AND environment_id = ?`).run(environmentId);
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
      this.db
        .prepare(
          `INSERT INTO anchor_baseline (environment_id, latency_ns, measurement_id)
           SELECT environment_id, latency_ns, id FROM measurement
           WHERE environment_id = ? AND subject_kind = 'anchor' AND latency_ns IS NOT NULL AND verdict <> 'rejected'
           ORDER BY id LIMIT 1
           ON CONFLICT DO NOTHING`,
        )
        .run(environmentId);
    });
  }
}

/** LEFT JOINs keep SQLite from scanning the table: a plain join of a million rows took 292 ms. */
const LOOKUP = `
  SELECT ${ENTRY_COLUMNS}
  FROM json_each(:keys) AS asked
  LEFT JOIN op ON op.key = asked.value
  LEFT JOIN latency_entry ON latency_entry.environment_id = :environmentId AND latency_entry.op_id = op.id`;

const DERIVE = `
  INSERT INTO latency_entry
    (environment_id, op_id, latency_ns, low_ns, high_ns, sample_count, measured_at_ms, measurement_id)
  SELECT environment_id, op_id, latency_ns, low_ns, high_ns, sample_count, measured_at_ms, measurement_id
  FROM counted_measurement WHERE subject_kind = 'op' AND standing = 1`;

const REPLACE = `
  ON CONFLICT (environment_id, op_id) DO UPDATE SET
    latency_ns = excluded.latency_ns, low_ns = excluded.low_ns, high_ns = excluded.high_ns,
    sample_count = excluded.sample_count, measured_at_ms = excluded.measured_at_ms,
    measurement_id = excluded.measurement_id`;

function pageOf(environmentId: number, { kind, keyPrefix, keys, limit, afterKey }: EntryFilter) {
  const conditions = ['latency_entry.environment_id = :environmentId'];
  if (kind !== undefined) conditions.push('op.key >= :kindFrom', 'op.key < :kindTo');
  if (keyPrefix !== undefined) conditions.push('op.key >= :prefixFrom', 'op.key < :prefixTo');
  if (keys !== undefined) conditions.push('op.key IN (SELECT value FROM json_each(:keys))');
  if (afterKey !== undefined) conditions.push('op.key > :afterKey');
  const sql = `SELECT ${ENTRY_COLUMNS} FROM op CROSS JOIN latency_entry ON latency_entry.op_id = op.id
    WHERE ${conditions.join(' AND ')} ORDER BY op.key LIMIT :limit`;
  const parameters = {
    environmentId,
    limit,
    afterKey,
    keys: JSON.stringify(keys ?? []),
    kindFrom: `${kind}:`,
    kindTo: pastPrefix(`${kind}:`),
    prefixFrom: keyPrefix,
    prefixTo: pastPrefix(keyPrefix ?? ''),
  };
  return { sql, parameters };
}

/** Above every key that starts with the prefix: keys are ASCII. */
function pastPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
