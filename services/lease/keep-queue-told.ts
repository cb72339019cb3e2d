import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../../db/open-database.js';
import type { OpenQueue } from '../../queue/open-queue.js';
import { requeueUnfinished } from './requeue-unfinished.js';

const LOOK_EVERY_MS = 500;

/**
 * Sees to it that the queue knows every unfinished job: once at the start, since a process may have died between
 * storing a job and enqueueing it, and again whenever a queue apart from the database has forgotten. Runs in the api,
 * until the signal is aborted.
 */
export async function keepQueueTold(
  db: Database,
  { queue, memory }: OpenQueue,
  logger: Pick<Logger, 'info' | 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  const tell = async (): Promise<void> => {
    const jobs = await requeueUnfinished(db, queue);
    if (jobs > 0) logger.info({ jobs }, 'the queue was told of every unfinished job');
  };
  for (let told = false; !signal.aborted; ) {
    try {
      if (memory === null) await tell();
      else if (!(await memory.isIntact())) await memory.restore(tell);
      told = true;
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'the queue cannot be told; trying again');
    }
    // The queue inside the database forgets nothing.
    if (told && memory === null) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
