import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { migrate } from './migrate.js';

export type Database = BetterSqlite3.Database;

/** A writer waits this long for another process's transaction before it gives up with `database-busy`. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the database that all processes on this machine share, creates its folder and brings its schema up to date.
 * Write-ahead logging lets readers go on while one process writes.
 * @param file a path, or `:memory:`
 * @param busyTimeoutMs how long a writer waits for another process's transaction; the whole process waits with it
 * @throws LutraError `schema-mismatch` when a newer or edited schema is found
 */
export function openDatabase(file: string, busyTimeoutMs = BUSY_TIMEOUT_MS): Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const db = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.pragma('journal_mode = WAL');
    // A commit survives kill -9; only a power cut may take the last ones back, never corrupt the file.
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    // Without it INSERT OR REPLACE would pass by the triggers that keep measurements append-only.
    db.pragma('recursive_triggers = ON');
    migrate(db);
    db.pragma(`busy_timeout = ${busyTimeoutMs}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
