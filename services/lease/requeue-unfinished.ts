import type { Database } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { queuedJob } from './queued-job.js';

/**
 * Tells the queue of every unfinished job: at start, and after a queue lost its memory. Jobs that the queue still knows
 * stay as they are, leased ones too.
 * @param onlyUnknown only of those that the queue inside the database has no entry of
 * @returns how many jobs it was told of
 */
export async function requeueUnfinished(db: Database, queue: JobQueue, onlyUnknown = false): Promise<number> {
  const unfinished = new JobRepository(db).unfinished(onlyUnknown);
  for (const job of unfinished) await queue.enqueue(queuedJob(job));
  return unfinished.length;
}
