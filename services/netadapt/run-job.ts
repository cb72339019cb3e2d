import { setTimeout as delay } from 'node:timers/promises';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository, type NewJob } from '../../db/repositories/jobs.js';
import { submitJob } from '../lease/submit-job.js';
import type { RunScope } from './run-scope.js';

/** Keys of different runs differ, and equal keys of one run mean the same work. */
const IDEMPOTENCY = { route: 'adaptation', bodyHash: 'by-key' } as const;

/**
 * Submits a job, unless an earlier life of the run did so already, and waits for its end. A job that was cancelled is
 * asked for anew: whoever wants the run to stop cancels the run.
 * @param key identity within the run
 * @throws the signal's reason when it fires first; the job goes on
 */
export async function runJob(
  scope: RunScope,
  key: string,
  job: Pick<NewJob, 'kind' | 'queue' | 'payload'>,
): Promise<JobRow> {
  const { db, queue, adaptationId } = scope;
  const { submittedBy } = new AdaptationRepository(db).get(adaptationId);
  for (let again = 0; ; again++) {
    const row = await submitJob(
      db,
      queue,
      { ...job, priority: 0, submittedBy: submittedBy ?? 'netadapt', adaptationId },
      { ...IDEMPOTENCY, key: `${adaptationId}/${key}${again === 0 ? '' : `#${again}`}` },
    );
    const finished = await untilFinished(scope, row.id);
    if (finished.outcome !== 'cancelled') return finished;
  }
}

/** Follows the job's events, which are small, rather than its row, which holds whole networks. */
async function untilFinished({ db, pollMs, signal }: RunScope, id: string): Promise<JobRow> {
  const jobs = new JobRepository(db);
  let seen = 0;
  for (;;) {
    signal.throwIfAborted();
    for (const event of jobs.events(id, seen)) {
      if (event.type === 'finished') return jobs.get(id);
      seen = event.id;
    }
    await delay(pollMs, undefined, { signal });
  }
}
