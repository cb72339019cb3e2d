import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LutraError } from '../core/errors.js';
import type { Database } from './open-database.js';
import { write } from './write.js';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the numbered files of `db/migrations` that the database lacks, all in one transaction. Forward only.
 * @throws LutraError `schema-mismatch` when an applied file was edited or is unknown to this version
 */
export function migrate(db: Database, directory = MIGRATIONS): void {
  const migrations = readMigrations(directory);
  if (isTable(db) && pending(db, migrations).length === 0) return;
  write(db, () => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at_ms INTEGER NOT NULL) STRICT',
    );
    const applied = db.prepare('INSERT INTO migration (name, checksum, applied_at_ms) VALUES (?, ?, ?)');
    for (const { name, sql, checksum } of pending(db, migrations)) {
      db.exec(sql);
      applied.run(name, checksum, Date.now());
    }
  });
}

function pending(db: Database, migrations: readonly Migration[]): readonly Migration[] {
  const applied = db
    .prepare<[], { name: string; checksum: string }>('SELECT name, checksum FROM migration ORDER BY name')
    .all();
  applied.forEach(({ name, checksum }, position) => {
    const known = migrations[position];
    if (known?.name === name && known.checksum === checksum) return;
    const problem =
      known?.name === name ? 'was edited after it had been applied' : 'is unknown to this version';
    throw new LutraError('schema-mismatch', `the database has migration '${name}', which ${problem}`);
  });
  return migrations.slice(applied.length);
}

function readMigrations(directory: string): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => /^\d{4}_\w+\.sql$/.test(file));
  return files.sort().map((name) => {
    const sql = readFileSync(join(directory, name), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

function isTable(db: Database): boolean {
  return (
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'").get() !== undefined
  );
}
