import type { JobView } from '../../contracts/http/job-view.js';
import type { Measured } from './measure-rounds.js';

/** What measuring took. */
export interface MeasuringCost {
  readonly jobs: number;
  /** Sessions that measured, those that were rejected and repeated included. */
  readonly sessions: number;
  /** Wall time, waiting for other jobs of the device included. */
  readonly seconds: number;
}

export function costOf(measured: readonly Measured[]): MeasuringCost {
  const jobs = measured.flatMap((each) => each.jobs);
  return {
    jobs: jobs.length,
    sessions: jobs.reduce((sum, job) => sum + sessionsOf(job), 0),
    seconds: measured.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** A job that found everything in the table held none. */
function sessionsOf({ attempts, result }: JobView): number {
  return result?.kind === 'measure' && result.sessionId === null ? 0 : attempts;
}

/** `8 sessions in 12.3 s`. */
export function costWords({ sessions, seconds }: MeasuringCost): string {
  return `${sessions} session${sessions === 1 ? '' : 's'} in ${seconds.toFixed(1)} s`;
}
