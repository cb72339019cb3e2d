import { LutraError } from '../../core/errors.js';
import type { Database } from '../../db/open-database.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';

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
  const answer = await queue.cancel(id);
  return answer === 'signalled' ? jobs.get(id) : jobs.finish(id, { outcome: 'cancelled' });
}
