import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LutraError } from '../../core/errors.js';

const AGAIN_AFTER_MS = 1_000;

/**
 * Does something that needs the api or database, as often as it takes: a worker may start before them.
 * @returns null when it was asked to stop first
 * @throws whatever trying again cannot help
 */
export async function untilReached<T>(
  work: () => Promise<T>,
  logger: Logger,
  stop: AbortSignal,
): Promise<T | null> {
  for (;;) {
    if (stop.aborted) return null;
    try {
      return await work();
    } catch (error) {
      if (stop.aborted) return null;
      if (!(error instanceof LutraError) || !error.retryable) throw error;
      logger.warn({ because: error.message }, 'trying again');
      await sleep(AGAIN_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}
