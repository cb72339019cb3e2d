import { databaseError } from './database-error.js';
import type { Database } from './open-database.js';

/** Whether a writing transaction could begin now: asked without waiting. */
export function isWritable(db: Database): boolean {
  const timeoutMs = db.pragma('busy_timeout', { simple: true });
  db.pragma('busy_timeout = 0');
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec('ROLLBACK');
    return true;
  } catch (error) {
    if (databaseError(error)?.code === 'database-busy') return false;
    throw error;
  } finally {
    db.pragma(`busy_timeout = ${timeoutMs}`);
  }
}

/**
 * Runs a writing transaction that takes the write lock at its start: a transaction that reads first and upgrades later
 * fails with BUSY whenever another process wrote in between. Inside another one it becomes a savepoint.
 * @param work synchronous; whatever it throws rolls everything back
 * @throws LutraError `database-busy`, `database-full`
 */
export function write<T>(db: Database, work: () => T): T {
  try {
    return db.transaction(work).immediate();
  } catch (error) {
    throw databaseError(error) ?? error;
  }
}
