import type { JobView } from '../../../../contracts/http/job-view.js';
import type { MeasureAccepted } from '../../../../contracts/http/measure.js';
import { getJson, sendJson } from '../../api/client.js';
import { href } from '../../router.js';

/** What one would type to read the job, follow it, and cancel it. */
export function jobCurl(job: JobView, origin: string): string {
  const lines = [`curl -s ${origin}/jobs/${job.id}`];
  if (job.status !== 'finished') lines.push(`curl -sN ${origin}/jobs/${job.id}/events`);
  return lines.join('\n');
}

interface NetworkAnswer {
  readonly network: unknown;
}

/** Measures the network of a job once more, ops included, and goes to the new job. */
export async function resubmit(job: JobView): Promise<void> {
  if (job.result?.kind !== 'measure' || job.device === null) return;
  const networkHash = job.result.networks[0]?.networkHash;
  if (networkHash === undefined) throw new Error('the job had no network, only ops');
  const { network } = await getJson<NetworkAnswer>(`/networks/${networkHash}`);
  const body = { device: job.device, candidate: { network }, remeasure: true };
  const { job: next } = await sendJson<MeasureAccepted>('POST', '/measure', body);
  location.hash = href(['jobs', next.id]);
}
