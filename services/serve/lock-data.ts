import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { LutraError } from '../../core/errors.js';

/**
 * Makes sure that one `serve`, or one `restore`, alone works on a data directory. The lock is the operating system's: it is gone with this
 * process, however that ends.
 * @returns gives the lock back
 * @throws LutraError `conflict` when another process holds it
 */
export function lockData(dataDirectory: string, command: 'serve' | 'restore' = 'serve'): () => void {
  const file = new BetterSqlite3(join(dataDirectory, `${command}.lock`), { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    file.close();
    throw new LutraError('conflict', `another lutra ${command} works on ${dataDirectory}`, { cause });
  }
  return () => {
    if (file.open) file.close();
  };
}
