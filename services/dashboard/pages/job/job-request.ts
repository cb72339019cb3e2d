import type { JobView } from '../../../../contracts/http/job-view.js';
import type { MeasureAccepted } from '../../../../contracts/http/measure.js';
import { sendJson } from '../../api/client.js';
import { href } from '../../router.js';

/** What one would type to follow the job, or to have it done again. */
export function jobCurl({ id, status }: JobView, origin: string): string {
  if (status === 'finished') return `curl -s -X POST ${origin}/jobs/${id}/retry`;
  return `curl -sN ${origin}/jobs/${id}/events`;
}

/** Submits the job once more and goes to the new one. */
export async function retry({ id }: JobView): Promise<void> {
  const { job } = await sendJson<MeasureAccepted>('POST', `/jobs/${id}/retry`);
  location.hash = href(['jobs', job.id]);
}
