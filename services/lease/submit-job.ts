import type { Idempotency } from '../../db/idempotent.js';
import type { Database } from '../../db/open-database.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository, type NewJob } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';

/**
 * Stores a job, then puts it into its queue: in this order, because the row is the truth and a queue may be told again.
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
  if (row.status === 'queued')
    await queue.enqueue({ jobId: row.id, queue: row.queue, priority: row.priority });
  return row;
}
