import { LutraError } from '../../core/errors.js';
import { databaseError } from '../../db/database-error.js';

/**
 * Waits for a queue to be told something that the database already knows. Null when the queue cannot be reached, or,
 * inside the database, stayed locked or found no space: it will learn it from the database.
 */
export async function unlessUnavailable<T>(told: Promise<T>): Promise<T | null> {
  try {
    return await told;
  } catch (error) {
    const isAway = error instanceof LutraError && error.code === 'queue-unavailable';
    // What is committed must not be answered as refused, though the disk had no room for its queue entry.
    if (isAway || databaseError(error) !== undefined) return null;
    throw error;
  }
}
