import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { LutraError } from '../../core/errors.js';
import { migrate } from '../../db/migrate.js';
import { openDatabase } from '../../db/open-database.js';
import { temporaryDirectory } from './temporary-directory.js';

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));
const OPEN = fileURLToPath(new URL('./children/open.mjs', import.meta.url));

const tables = (db: BetterSqlite3.Database) =>
  db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).pluck().all();

const codeOf = (work: () => void) => {
  try {
    work();
  } catch (error) {
    if (error instanceof LutraError) return error.code;
    throw error;
  }
  return 'none';
};

describe('migrations', () => {
  it('make a new database, its folder included, in which every table is strict', () => {
    const db = openDatabase(join(temporaryDirectory(), 'data', 'lutra.db'));
    expect(tables(db)).toEqual([
      'adaptation',
      'adaptation_event',
      'anchor_baseline',
      'change',
      'database_identity',
      'device',
      'environment',
      'fidelity_report',
      'host_probe',
      'idempotency',
      'job',
      'job_event',
      'latency_entry',
      'measurement',
      'measurement_term',
      'migration',
      'network',
      'noise_floor',
      'op',
      'pairing',
      'probe',
      'queue_counter',
      'queue_entry',
      'served_turn',
      'session',
      'sqlite_sequence',
      'submitter_turn',
      'token',
    ]);
    const loose = db
      .prepare(
        `SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'`,
      )
      .all();
    expect(loose).toEqual([]);
    db.close();
  });

  it('set what a crash-safe shared file needs', () => {
    const db = openDatabase(join(temporaryDirectory(), 'lutra.db'));
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(1);
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    db.close();
  });

  it('are applied once', () => {
    const file = join(temporaryDirectory(), 'lutra.db');
    const first = openDatabase(file);
    const applied = first.prepare('SELECT * FROM migration').all();
    first.prepare(`INSERT INTO op (key) VALUES ('kept')`).run();
    first.close();
    const second = openDatabase(file);
    expect(second.prepare('SELECT * FROM migration').all()).toEqual(applied);
    expect(second.prepare('SELECT key FROM op').pluck().all()).toEqual(['kept']);
    expect(applied).toHaveLength(readdirSync(MIGRATIONS).length);
    second.close();
  });

  it('refuse a file that was edited after it had been applied', () => {
    const directory = temporaryDirectory();
    cpSync(MIGRATIONS, directory, { recursive: true });
    const db = new BetterSqlite3(':memory:');
    migrate(db, directory);
    writeFileSync(join(directory, '0002_jobs.sql'), '-- edited\n', { flag: 'a' });
    expect(codeOf(() => migrate(db, directory))).toBe('schema-mismatch');
    db.close();
  });

  it('refuse a database of a newer version', () => {
    const directory = temporaryDirectory();
    cpSync(MIGRATIONS, directory, { recursive: true });
    writeFileSync(join(directory, '9999_later.sql'), 'CREATE TABLE later (id INTEGER) STRICT;');
    const db = new BetterSqlite3(':memory:');
    migrate(db, directory);
    expect(tables(db)).toContain('later');
    expect(() => migrate(db)).toThrow("migration '9999_later.sql', which is unknown to this version");
    expect(codeOf(() => migrate(db))).toBe('schema-mismatch');
    db.close();
  });

  it('go forward from an older schema', () => {
    const directory = temporaryDirectory();
    const older = '0001_devices_and_networks.sql';
    copyFileSync(join(MIGRATIONS, older), join(directory, older));
    const db = new BetterSqlite3(':memory:');
    migrate(db, directory);
    expect(tables(db)).not.toContain('job');
    migrate(db);
    expect(tables(db)).toContain('job');
    db.close();
  });

  it('leave nothing behind when one of them fails', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, '0001_good.sql'), 'CREATE TABLE good (id INTEGER) STRICT;');
    writeFileSync(
      join(directory, '0002_bad.sql'),
      'CREATE TABLE half (id INTEGER) STRICT; CREATE TABEL bad;',
    );
    const db = new BetterSqlite3(':memory:');
    expect(() => migrate(db, directory)).toThrow('syntax error');
    expect(tables(db)).toEqual([]);
    db.close();
  });

  it('run once when several processes open a new file at the same moment', async () => {
    const file = join(temporaryDirectory(), 'lutra.db');
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, [OPEN, file], { stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (text) => {
        errors += text;
      });
      return once(child, 'exit').then(([code]) => ({ code, errors }));
    });
    expect(await Promise.all(children)).toEqual(Array(4).fill({ code: 0, errors: '' }));
    const db = openDatabase(file);
    expect(db.prepare('SELECT count(*) FROM migration').pluck().get()).toBe(readdirSync(MIGRATIONS).length);
    db.close();
  });
});
