import type { UnfinishedJob } from '../../db/repositories/jobs.js';
import type { QueuedJob } from '../../queue/job-queue.js';

/** What a queue has to know of a job. */
export function queuedJob({ id, queue, priority, status, attempts, submitter }: UnfinishedJob): QueuedJob {
  // An attempt that was under way when the queue forgot it was cut short by the queue, not by worker or job.
  const counted = status === 'queued' ? attempts : attempts - 1;
  return { jobId: id, queue, priority, submitter: submitter ?? '', attempts: Math.max(0, counted) };
}
