import { LutraError } from '../../core/errors.js';
import type { Database } from '../../db/open-database.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { unlessUnavailable } from './unless-unavailable.js';

/**
 * Cancels a job: at once if it waits; otherwise its worker hears of it at the next heartbeat, and the returned row says
 * `cancelRequested`.
 * @throws LutraError `not-found`, or `conflict` when it is finished already
 */
export async function cancelJob(db: Database, queue: JobQueue, id: string): Promise<JobRow> {
  const jobs = new JobRepository(db);
  const job = jobs.get(id);
  if (job.status === 'finished') {
    throw new LutraError('conflict', `job ${id} is finished already, with outcome '${job.outcome}'`);
  }
  // The row first: a worker that claims the job in between sees the wish there.
  jobs.requestCancel(id);
  const answer = await unlessUnavailable(queue.cancel(id));
  // Out of reach, the queue may have it leased: whoever holds or claims the job reads the wish in the row.
  if (answer === null || answer === 'signalled') return jobs.get(id);
  return jobs.finish(id, { outcome: 'cancelled' });
}
