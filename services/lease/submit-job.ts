import type { Idempotency } from '../../db/idempotent.js';
import type { Database } from '../../db/open-database.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository, type NewJob, submitterOf } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { queuedJob } from './queued-job.js';
import { unlessUnavailable } from './unless-unavailable.js';

/**
 * Stores a job, then puts it into its queue: in this order, because the row is the truth and a queue may be told again.
 * A queue that cannot be reached is told later (`keep-queue-told.ts`): the job is accepted all the same.
 * With a known idempotency key the first job is answered, and enqueued again in case that was cut short.
 * @throws LutraError `idempotency-mismatch`
 */
export async function submitJob(
  db: Database,
  queue: JobQueue,
  job: NewJob,
  idempotency?: Idempotency,
): Promise<JobRow> {
  const row = new JobRepository(db).create(job, idempotency);
  if (row.status === 'queued') {
    await unlessUnavailable(queue.enqueue(queuedJob({ ...row, submitter: submitterOf(row) })));
  }
  return row;
}
