import type { Candidate } from '../../contracts/candidate.js';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasureAccepted, MeasurementQuality } from '../../contracts/http/measure.js';
import type { Purpose, TimingTarget } from '../../contracts/measurement.js';
import type { CommandContext } from '../context.js';

/** The body of a `POST /measure` on one device. */
export interface MeasureOrder {
  readonly device: string;
  readonly candidate?: Candidate;
  readonly candidates?: readonly Candidate[];
  readonly ops?: readonly string[];
  readonly target?: TimingTarget;
  readonly purpose?: Purpose;
  readonly quality?: MeasurementQuality;
}

/**
 * Submits a measurement on one device.
 * @param key a job that was submitted with the same key before, and ended well or not yet, is taken instead of a new one
 */
export async function submitMeasure(
  context: CommandContext,
  order: MeasureOrder,
  key?: string,
): Promise<JobView> {
  const headers = key === undefined ? undefined : { 'idempotency-key': key };
  const { job } = await context.client.post<MeasureAccepted>('/measure', order, headers);
  if (key === undefined || job.status !== 'finished' || job.outcome === 'ok') return job;
  return submitMeasure(context, order);
}
