import type { Database } from './open-database.js';

/** The name that this database got when it was made; copies of it share it. */
export function readDatabaseName(db: Database): string {
  return db.prepare<[], string>('SELECT name FROM database_identity').pluck().get()!;
}
