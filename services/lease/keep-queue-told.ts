import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../../db/open-database.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { requeueUnfinished } from './requeue-unfinished.js';

const LOOK_EVERY_MS = 2_000;

/**
 * Sees to it that the queue knows every unfinished job, whyever it does not: a process died between storing a job and
 * enqueueing it, the queue could not be told or refused to be, or it forgot. The queue itself is asked, again and again:
 * whoever was to tell it may not know that it failed, and is often another process. Runs in the api, until the signal
 * is aborted.
 */
export async function keepQueueTold(
  db: Database,
  queue: JobQueue,
  logger: Pick<Logger, 'info' | 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const jobs = await requeueUnfinished(db, queue);
      if (jobs > 0) logger.info({ jobs }, 'the queue was told of unfinished jobs');
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'the queue cannot be told; trying again');
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
