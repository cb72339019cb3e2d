import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../db/migrate.js';
import type { Database } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { temporaryDirectory } from './temporary-directory.js';

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));
const NAMES = readdirSync(MIGRATIONS)
  .filter((name) => name.endsWith('.sql'))
  .sort();

const HASH = 'a'.repeat(64);

/** A row of every table that 0001 to 0006 made, each with only the columns that its first version had. */
const ROWS: readonly [table: string, row: Readonly<Record<string, unknown>>][] = [
  ['environment', { id: 1, hash: HASH, facts: '{"cpuModel":"x"}', created_at_ms: 1 }],
  [
    'device',
    {
      id: 1,
      name: 'bench',
      runtime: 'fake',
      options: '{"threads":1}',
      state: 'draining',
      environment_id: 1,
      registered_at_ms: 1,
      last_seen_at_ms: 2,
    },
  ],
  ['network', { hash: HASH, document: '{}', created_at_ms: 1 }],
  ['op', { id: 1, key: 'gap:7x7x16' }],
  [
    'job',
    {
      seq: 1,
      id: 'job_done',
      kind: 'measure',
      queue: 'device.bench',
      priority: 3,
      status: 'finished',
      outcome: 'ok',
      payload: '{"kind":"measure","device":"bench","networks":[],"ops":[]}',
      attempts: 1,
      created_at_ms: 1,
      finished_at_ms: 2,
    },
  ],
  [
    'job',
    {
      seq: 2,
      id: 'job_waiting',
      kind: 'train',
      queue: 'train',
      priority: 0,
      status: 'queued',
      payload: '{"kind":"train"}',
      submitted_by: 'netadapt',
      adaptation_id: 'adp_1',
      created_at_ms: 3,
    },
  ],
  ['job_event', { id: 1, job_id: 'job_done', at_ms: 1, type: 'queued', data: '{}' }],
  [
    'idempotency',
    { route: 'POST /measure', key: 'k', body_hash: HASH, response: '{"id":"job_done"}', created_at_ms: 1 },
  ],
  [
    'session',
    {
      id: 1,
      device_id: 1,
      environment_id: 1,
      job_id: 'job_done',
      started_at_ms: 1,
      ended_at_ms: 2,
      plan: '{}',
      observations: '{}',
      verdict: 'trusted',
      checks: '[]',
      anchor_factor: 1,
    },
  ],
  ['probe', { session_id: 1, graph_id: 'g', visits: Buffer.from('00'), wait_share: '[]' }],
  [
    'measurement',
    {
      id: 1,
      session_id: 1,
      environment_id: 1,
      subject_kind: 'op',
      op_id: 1,
      latency_ns: 1000,
      low_ns: 900,
      high_ns: 1100,
      sample_count: 80,
      visits: 8,
      verdict: 'trusted',
      reasons: '[]',
    },
  ],
  ['measurement_term', { measurement_id: 1, graph_id: 'g', coefficient: 0.5 }],
  ['anchor_baseline', { environment_id: 1, latency_ns: 300_000, measurement_id: 1 }],
  [
    'latency_entry',
    {
      environment_id: 1,
      op_id: 1,
      latency_ns: 1000,
      low_ns: 900,
      high_ns: 1100,
      sample_count: 80,
      measured_at_ms: 2,
      measurement_id: 1,
    },
  ],
  [
    'adaptation',
    {
      seq: 1,
      id: 'adp_1',
      request: '{"device":"bench"}',
      status: 'cancelled',
      created_at_ms: 1,
      updated_at_ms: 2,
    },
  ],
  ['adaptation_event', { adaptation_id: 'adp_1', seq: 1, at_ms: 1, type: 'begun', data: '{}' }],
  ['queue_entry', { job_id: 'job_waiting', queue: 'train', priority: 0, seq: 1 }],
];

/** Columns whose content a later migration means to change. */
const REWRITTEN: ReadonlySet<string> = new Set(['adaptation.request']);

function databaseAt(count: number): Database {
  const directory = temporaryDirectory();
  for (const name of NAMES.slice(0, count)) copyFileSync(join(MIGRATIONS, name), join(directory, name));
  const db = new BetterSqlite3(join(directory, 'lutra.db'));
  db.pragma('foreign_keys = ON');
  migrate(db, directory);
  return db;
}

const schemaOf = (db: Database) =>
  db
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
    .all();

const existing = (db: Database) =>
  new Set(db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());

describe('a database of every earlier schema, with rows in every table', () => {
  it.each(NAMES.map((name, i) => ({ name, count: i + 1 })))(
    '$name goes forward and loses nothing',
    ({ count }) => {
      const db = databaseAt(count);
      const tables = existing(db);
      const rows = ROWS.filter(([table]) => tables.has(table));
      for (const [table, row] of rows) {
        const columns = Object.keys(row);
        db.prepare(
          `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `:${name}`).join(', ')})`,
        ).run(row);
      }
      migrate(db);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('foreign_key_check')).toEqual([]);
      for (const [table, row] of rows) {
        const kept = Object.entries(row).filter(([column]) => !REWRITTEN.has(`${table}.${column}`));
        const same = db
          .prepare<[object], number>(
            `SELECT count(*) FROM ${table} WHERE ${kept.map(([column]) => `${column} IS :${column}`).join(' AND ')}`,
          )
          .pluck()
          .get(Object.fromEntries(kept));
        expect(same, `${table} ${JSON.stringify(row)}`).toBe(1);
      }
      const fresh = databaseAt(NAMES.length);
      expect(schemaOf(db)).toEqual(schemaOf(fresh));
      fresh.close();
      db.close();
    },
  );

  it('is read by this version', () => {
    const db = databaseAt(6);
    for (const [table, row] of ROWS) {
      const columns = Object.keys(row);
      db.prepare(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((name) => `:${name}`).join(', ')})`,
      ).run(row);
    }
    migrate(db);
    expect(new DeviceRepository(db).get('bench')).toMatchObject({ state: 'draining', environmentHash: HASH });
    expect(new JobRepository(db).get('job_done')).toMatchObject({
      outcome: 'ok',
      priority: 3,
      submittedBy: null,
    });
    expect(new JobRepository(db).unfinished().map(({ id }) => id)).toEqual(['job_waiting']);
    expect(new AdaptationRepository(db).get('adp_1')).toMatchObject({
      status: 'cancelled',
      submittedBy: null,
    });
    expect(new AdaptationRepository(db).events('adp_1', 0)).toHaveLength(1);
    expect(new MeasurementRepository(db).networkMeasurements(1)).toEqual([]);
    db.close();
  });
});
