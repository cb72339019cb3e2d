import { LutraError } from '../../core/errors.js';

/**
 * Waits for a queue to be told something that the database already knows. Null when the queue cannot be reached: it
 * will learn it from the database.
 */
export async function unlessUnavailable<T>(told: Promise<T>): Promise<T | null> {
  try {
    return await told;
  } catch (error) {
    if (error instanceof LutraError && error.code === 'queue-unavailable') return null;
    throw error;
  }
}
