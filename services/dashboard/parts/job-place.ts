import type { JobView } from '../../../contracts/http/job-view.js';

type Placed = Pick<JobView, 'kind' | 'device'>;

/** The device of a measuring job; any of a class until one of them has claimed it. */
export function jobDevice({ device }: Placed): string {
  return device ?? 'any device of its class';
}

/** What is done and where, for people: `on board`. @param trained what stands there for a training, which no device does */
export function jobPlace(job: Placed, before: string, trained = 'training'): string {
  return job.kind === 'measure' ? `${before} ${jobDevice(job)}` : trained;
}
