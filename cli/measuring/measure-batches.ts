import type { JobView } from '../../contracts/http/job-view.js';
import { CliError, interrupted } from '../cli-error.js';
import type { CommandContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { jobPath } from '../follow-job.js';
import { follow } from '../http/follow.js';
import { type MeasureOrder, submitMeasure } from './submit-measure.js';

export interface BatchesOptions {
  /** What the progress line says. */
  readonly phase: string;
  /** See `submitMeasure`. */
  keyOf?(batch: number): string;
}

/** Divides a list into batches. */
export function inBatches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/**
 * Has batches measured one after the other, with one waiting behind the one that runs, so that the device never does.
 * However it ends before its time (Ctrl-C, a quarantine, a cancelled job), what waits is taken back; what runs goes on,
 * and what was measured stays.
 * @returns the finished jobs, in order, whatever their outcome
 * @throws CliError when the device takes no more work, or when somebody cancelled a job
 */
export async function measureBatches(
  context: CommandContext,
  options: BatchesOptions,
  batches: readonly MeasureOrder[],
): Promise<readonly JobView[]> {
  const finished: JobView[] = [];
  const submitted: Promise<JobView>[] = [];
  const submit = (i: number): void => {
    if (i >= batches.length || submitted[i] !== undefined) return;
    submitted[i] = submitMeasure(context, batches[i]!, options.keyOf?.(i));
    // It is awaited when its turn comes; what goes wrong before that must not end the process.
    submitted[i].catch(() => undefined);
  };
  try {
    for (const i of batches.keys()) {
      submit(i);
      submit(i + 1);
      const { id } = await submitted[i]!;
      finished.push(await watch(context, id, { phase: options.phase, done: i, total: batches.length }));
    }
  } catch (error) {
    context.progress.finish();
    await takeBack(context, submitted.slice(finished.length));
    throw context.signal.aborted ? interrupted(KEPT) : error;
  }
  context.progress.finish();
  return finished;
}

const AGAIN = 'the same command goes on from there';
const KEPT = `what was measured is kept: ${AGAIN}`;

interface Place {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

async function watch(context: CommandContext, id: string, place: Place): Promise<JobView> {
  const { client, signal } = context;
  let last: JobView | undefined;
  for await (const job of follow<JobView>(
    client,
    jobPath(id),
    ({ status }) => status === 'finished',
    signal,
  )) {
    last = job;
    refuseQuarantine(job);
    showProgress(context, job, place);
  }
  if (last?.outcome === 'cancelled') {
    throw new CliError(`job ${id} was cancelled`, { exitCode: EXIT.failed, hint: KEPT });
  }
  return last!;
}

/** It would wait until somebody looks at the device. */
function refuseQuarantine({ device, waitsFor }: JobView): void {
  if (waitsFor?.reason !== 'device-quarantined') return;
  throw new CliError(waitsFor.detail, {
    exitCode: EXIT.failed,
    hint: `lutra devices show ${device} says more; lutra devices resume ${device}, then ${AGAIN}`,
  });
}

function showProgress({ progress }: CommandContext, job: JobView, { phase, done, total }: Place): void {
  const { done: part = 0, total: whole = 0 } = job.progress ?? {};
  const share = job.status === 'finished' ? 1 : whole === 0 ? 0 : part / whole;
  const note = job.waitsFor?.detail ?? (job.attempts > 1 ? `attempt ${job.attempts}: ${job.message}` : null);
  progress.update({
    phase,
    done: Math.round((done + share) * 100),
    total: total * 100,
    ...(note === null ? {} : { note }),
  });
}

/** Cancels what waits, without the command's own signal, which is what may have ended it. */
async function takeBack({ client }: CommandContext, submitted: readonly Promise<JobView>[]): Promise<void> {
  const soon = { signal: AbortSignal.timeout(2_000) };
  for (const job of submitted) {
    try {
      const path = jobPath((await job).id);
      const { status } = (await (await client.request('GET', path, soon)).json()) as JobView;
      if (status === 'queued') await client.request('DELETE', path, soon);
    } catch {
      // It was not submitted, it has begun or ended meanwhile, or the server is gone: nothing is left to take back.
    }
  }
}
