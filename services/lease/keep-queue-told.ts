import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../../db/open-database.js';
import type { OpenQueue } from '../../queue/open-queue.js';
import { requeueUnfinished } from './requeue-unfinished.js';

const LOOK_EVERY_MS = 500;
const LOOK_INSIDE_EVERY_MS = 5_000;

/**
 * Sees to it that the queue knows every unfinished job: once at the start, since a process may have died between
 * storing a job and enqueueing it, and again whenever a queue apart from the database has forgotten; one inside it
 * learns now and then of jobs that were stored just before the database was locked. Runs in the api, until the signal is
 * aborted.
 */
export async function keepQueueTold(
  db: Database,
  { queue, memory }: OpenQueue,
  logger: Pick<Logger, 'info' | 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  const tell = async (onlyUnknown = false): Promise<void> => {
    const jobs = await requeueUnfinished(db, queue, onlyUnknown);
    if (jobs > 0) logger.info({ jobs }, 'the queue was told of unfinished jobs');
  };
  for (let told = false; !signal.aborted; ) {
    try {
      if (memory === null) await tell(told);
      else if (!(await memory.isIntact())) await memory.restore(() => tell());
      told = true;
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'the queue cannot be told; trying again');
    }
    // The queue inside the database forgets nothing; a job may have been stored while it was locked.
    const pauseMs = told && memory === null ? LOOK_INSIDE_EVERY_MS : LOOK_EVERY_MS;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
