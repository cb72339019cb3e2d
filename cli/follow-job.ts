import type { JobView } from '../contracts/http/job-view.js';
import { CliError, interrupted } from './cli-error.js';
import type { CommandContext } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { follow } from './http/follow.js';

/** Shows a job's progress until it is finished. Ctrl-C ends the watching, not the job. */
export async function followJob(context: CommandContext, id: string): Promise<JobView> {
  const { client, progress, signal } = context;
  let last: JobView | undefined;
  try {
    for await (const job of follow<JobView>(
      client,
      jobPath(id),
      (view) => view.status === 'finished',
      signal,
    )) {
      last = job;
      showProgress(context, job);
    }
  } catch (error) {
    progress.finish();
    if (signal.aborted)
      throw interrupted(`the job goes on: lutra jobs follow ${id}   (lutra jobs cancel ${id} ends it)`);
    throw error;
  }
  progress.finish();
  if (last === undefined) throw new CliError(`job ${id} could not be read`, { exitCode: EXIT.failed });
  return last;
}

export function jobPath(id: string): string {
  return `/jobs/${encodeURIComponent(id)}`;
}

/** 0 for outcome `ok`, 1 for every other. */
export function jobExitCode(job: JobView): ExitCode {
  return job.status !== 'finished' || job.outcome === 'ok' ? EXIT.ok : EXIT.failed;
}

function showProgress({ progress }: CommandContext, job: JobView): void {
  const verb = job.kind === 'measure' ? 'Measuring' : 'Training';
  if (job.waitsFor !== null) {
    progress.update({ phase: `Waiting (${job.id})`, done: 0, total: 0, note: job.waitsFor.detail });
    return;
  }
  const { done = 0, total = 0, note } = job.progress ?? {};
  progress.update({
    phase: `${verb} ${job.subject}`,
    done: job.status === 'finished' ? total : done,
    total,
    ...(note === undefined ? {} : { note }),
  });
}
