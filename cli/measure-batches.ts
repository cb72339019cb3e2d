import type { Candidate } from '../contracts/candidate.js';
import type { JobView } from '../contracts/http/job-view.js';
import type { MeasureAccepted } from '../contracts/http/measure.js';
import type { Purpose, TimingTarget } from '../contracts/measurement.js';
import type { CommandContext } from './context.js';
import { jobPath } from './follow-job.js';
import { follow } from './http/follow.js';

/** Few enough that a crash loses little, enough that starting a session is cheap beside them. */
export const OPS_PER_JOB = 64;
export const NETWORKS_PER_JOB = 8;

export interface MeasureBatch {
  readonly device: string;
  readonly ops?: readonly string[];
  readonly candidates?: readonly Candidate[];
  readonly target?: TimingTarget;
  readonly purpose?: Purpose;
}

/** Divides a list into batches. */
export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/**
 * Has batches measured one after the other, with one waiting behind the one that runs, so that the device never does.
 * Ctrl-C ends the waiting; what was measured stays.
 * @param phase what the progress line says
 * @returns the finished jobs, in order
 */
export async function measureBatches(
  context: CommandContext,
  phase: string,
  batches: readonly MeasureBatch[],
): Promise<readonly JobView[]> {
  const finished: JobView[] = [];
  const submitted: Promise<string>[] = [];
  const submit = (i: number): void => {
    const batch = batches[i];
    if (batch !== undefined) submitted[i] ??= submitBatch(context, batch);
  };
  for (const i of batches.keys()) {
    submit(i);
    submit(i + 1);
    finished.push(await watch(context, await submitted[i]!, { phase, done: i, total: batches.length }));
  }
  context.progress.finish();
  return finished;
}

async function submitBatch({ client }: CommandContext, batch: MeasureBatch): Promise<string> {
  const { job } = await client.post<MeasureAccepted>('/measure', batch);
  return job.id;
}

async function watch(
  { client, progress, signal }: CommandContext,
  id: string,
  { phase, done, total }: { readonly phase: string; readonly done: number; readonly total: number },
): Promise<JobView> {
  let last: JobView | undefined;
  for await (const job of follow<JobView>(
    client,
    jobPath(id),
    ({ status }) => status === 'finished',
    signal,
  )) {
    last = job;
    const share =
      job.progress === null || job.progress.total === 0 ? 0 : job.progress.done / job.progress.total;
    progress.update({
      phase,
      done: Math.round((done + (job.status === 'finished' ? 1 : share)) * 100),
      total: total * 100,
      ...(job.waitsFor === null ? {} : { note: job.waitsFor.detail }),
    });
  }
  return last!;
}
