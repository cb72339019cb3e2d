import type { Database } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { queuedJob } from './queued-job.js';

/**
 * Tells the queue, in order of arrival, of every unfinished job that it does not know. Jobs that it knows stay as they
 * are, leased ones too.
 * @returns how many jobs it was told of
 */
export async function requeueUnfinished(db: Database, queue: JobQueue): Promise<number> {
  const jobs = new JobRepository(db);
  const unknown = new Set(await queue.unknown(jobs.unfinishedInQueues()));
  if (unknown.size === 0) return 0;
  // Read anew: a job that ended meanwhile left the queue for good.
  const untold = jobs.unfinished().filter(({ id }) => unknown.has(id));
  for (const job of untold) await queue.enqueue(queuedJob(job));
  return untold.length;
}
