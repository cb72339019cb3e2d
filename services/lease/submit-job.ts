import type { Idempotency } from '../../db/idempotent.js';
import type { Database } from '../../db/open-database.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository, type NewJob, submitterOf } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { queuedJob } from './queued-job.js';
import { unlessUnavailable } from './unless-unavailable.js';

/** Submits one job, as {@link submitJobs} does. @throws LutraError `idempotency-mismatch` */
export async function submitJob(
  db: Database,
  queue: JobQueue,
  job: NewJob,
  idempotency?: Idempotency,
): Promise<JobRow> {
  const [row] = await submitJobs(db, queue, [job], idempotency);
  return row!;
}

/**
 * Stores the jobs of one request in one step, then puts them into their queues: in this order, because the rows are the
 * truth and a queue may be told again. A queue that cannot be told now is told later (`keep-queue-told.ts`): the jobs are
 * accepted all the same. With a known idempotency key the first jobs are answered, and enqueued again in case that was
 * cut short.
 * @throws LutraError `idempotency-mismatch`
 */
export async function submitJobs(
  db: Database,
  queue: JobQueue,
  jobs: readonly NewJob[],
  idempotency?: Idempotency,
): Promise<readonly JobRow[]> {
  const rows = new JobRepository(db).createAll(jobs, idempotency);
  for (const row of rows) {
    if (row.status !== 'queued') continue;
    await unlessUnavailable(queue.enqueue(queuedJob({ ...row, submitter: submitterOf(row) })));
  }
  return rows;
}
