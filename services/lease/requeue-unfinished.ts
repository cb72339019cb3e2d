import type { Database } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { queuedJob } from './queued-job.js';

/**
 * Tells the queue of every unfinished job: at start, and after a queue lost its memory. Jobs that the queue still knows
 * stay as they are, leased ones too.
 * @returns how many jobs are unfinished
 */
export async function requeueUnfinished(db: Database, queue: JobQueue): Promise<number> {
  const unfinished = new JobRepository(db).unfinished();
  for (const job of unfinished) await queue.enqueue(queuedJob(job));
  return unfinished.length;
}
