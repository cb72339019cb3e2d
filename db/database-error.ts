import { LutraError } from '../core/errors.js';

/** Of SQLite, and of the file system: no space, no more for this user, no larger file. */
const NO_SPACE: ReadonlySet<string> = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT', 'EFBIG']);

const OURS: ReadonlySet<string> = new Set(['database-busy', 'database-full']);

export function databaseBusy(cause?: unknown): LutraError {
  return new LutraError(
    'database-busy',
    'the database stayed locked by another process; try again, and see what holds it (a backup tool, an open shell)',
    { cause },
  );
}

/** What SQLite and the file system say when the fault is neither the caller's nor ours; undefined for all else. */
export function databaseError(thrown: unknown): LutraError | undefined {
  if (thrown instanceof LutraError) return OURS.has(thrown.code) ? thrown : undefined;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (code.startsWith('SQLITE_BUSY')) return databaseBusy(thrown);
  if (NO_SPACE.has(code)) {
    return new LutraError(
      'database-full',
      'no space is left in the data folder: free some (lutra blobs collect), or move it to a larger disk',
      { cause: thrown },
    );
  }
  return undefined;
}
