import BetterSqlite3 from 'better-sqlite3';
import { LutraError } from '../core/errors.js';
import type { Database } from './open-database.js';

/** Everything at one go: a copy in steps starts again whenever another process writes in between. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * A backup is one SQLite file: the database as it was at one moment, and a table `backup_blob` with the blobs that it
 * refers to.
 */
export class BackupFile {
  private constructor(readonly db: Database) {}

  /** Copies a database that is in use into a new file. Readers and writers of it go on. */
  static async create(source: Database, file: string): Promise<BackupFile> {
    await source.backup(file, { progress: () => ALL_PAGES });
    const db = new BetterSqlite3(file);
    db.pragma('journal_mode = DELETE');
    db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE backup_blob (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID');
    return new BackupFile(db);
  }

  /** @throws LutraError `invalid-request` when the file is no backup, or is damaged */
  static open(file: string): BackupFile {
    let db: Database | undefined;
    try {
      db = new BetterSqlite3(file, { readonly: true, fileMustExist: true });
      const tables = db
        .prepare<[], number>(
          "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('backup_blob', 'migration')",
        )
        .pluck()
        .get();
      if (tables !== 2) throw new LutraError('invalid-request', `${file} is no backup of Lutra`);
      const backup = new BackupFile(db);
      backup.check();
      return backup;
    } catch (error) {
      db?.close();
      if (error instanceof LutraError) throw error;
      throw new LutraError(
        'invalid-request',
        `${file} cannot be read as a backup: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
  }

  /** @throws LutraError `invalid-request` when pages are damaged or rows refer to missing ones */
  check(): void {
    const found = this.db.pragma('integrity_check', { simple: true });
    if (found !== 'ok') throw new LutraError('invalid-request', `the backup is damaged: ${String(found)}`);
    const dangling = this.db.pragma('foreign_key_check') as readonly unknown[];
    if (dangling.length > 0)
      throw new LutraError('invalid-request', 'the backup is damaged: rows are missing');
  }

  addBlob(sha256: string, bytes: Uint8Array): void {
    this.db.prepare('INSERT INTO backup_blob (sha256, bytes) VALUES (?, ?)').run(sha256, bytes);
  }

  *blobs(): Generator<{ readonly sha256: string; readonly bytes: Uint8Array }> {
    const hashes = this.db
      .prepare<[], string>('SELECT sha256 FROM backup_blob ORDER BY sha256')
      .pluck()
      .all();
    const bytesOf = this.db
      .prepare<[string], Buffer>('SELECT bytes FROM backup_blob WHERE sha256 = ?')
      .pluck();
    for (const sha256 of hashes) yield { sha256, bytes: bytesOf.get(sha256)! };
  }

  /** Writes the database without the blobs into a new file. */
  async extract(file: string): Promise<void> {
    await this.db.backup(file, { progress: () => ALL_PAGES });
    const db = new BetterSqlite3(file);
    try {
      db.exec('DROP TABLE backup_blob');
      db.exec('VACUUM');
    } finally {
      db.close();
    }
  }

  close(): void {
    this.db.close();
  }
}
