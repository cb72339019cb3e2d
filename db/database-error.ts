import { LutraError } from '../core/errors.js';

/** What SQLite and the file system say when the fault is neither the caller's nor ours; undefined for all else. */
export function databaseError(thrown: unknown): LutraError | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code.startsWith('SQLITE_BUSY')) {
    return new LutraError(
      'database-busy',
      'the database stayed locked by another process; try again, and see what holds it (a backup tool, an open shell)',
      { cause: thrown },
    );
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new LutraError(
      'database-full',
      'no space is left in the data folder: free some (lutra blobs collect), or move it to a larger disk',
      { cause: thrown },
    );
  }
  return undefined;
}
