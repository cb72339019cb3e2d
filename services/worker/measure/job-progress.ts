import type { JobProgress } from '../../../contracts/job.js';
import type { MeasureMessage } from '../../../contracts/measure-message.js';

/** What a job tells of how far its child is. */
export function jobProgress({
  done,
  total,
  soFar,
}: Extract<MeasureMessage, { readonly type: 'progress' }>): JobProgress {
  if (soFar === undefined) return { done, total };
  const { latencyNs, lowNs, highNs } = soFar;
  const interval = { lowMs: lowNs / 1e6, highMs: highNs / 1e6, level: 0.95 };
  return { done, total, latencyMs: latencyNs / 1e6, interval };
}
