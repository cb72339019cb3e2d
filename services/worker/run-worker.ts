import { setTimeout as sleep } from 'node:timers/promises';
import type { JobProgress } from '../../contracts/job.js';
import { type ErrorCode, LutraError } from '../../core/errors.js';
import { databaseError } from '../../db/database-error.js';
import type { LeasedWork, LeaseSource, WorkFailure, WorkReport } from '../lease/lease-source.js';
import { Interruption, LeaseWatch, type LeaseWatchOptions } from './lease-watch.js';

export type WorkEnd =
  | { readonly kind: 'report'; readonly report: WorkReport }
  | { readonly kind: 'failure'; readonly failure: WorkFailure };

export interface WorkControl {
  readonly signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  /** Asks the source for something, or hands it something, until it answers. */
  readonly insist: LeaseWatch['insist'];
}

/**
 * Does one claimed job. It must stop at once when the signal is aborted, whatever the child is doing, and throw the
 * signal's reason. Whatever else it throws is stored as a crash.
 */
export type Perform = (work: LeasedWork, control: WorkControl) => Promise<WorkEnd>;

export interface WorkerOptions extends LeaseWatchOptions {
  readonly perform: Perform;
  /** Pause between two looks at an empty queue. */
  readonly pollMs: number;
  /** Asks the worker to stop: it claims nothing more. */
  readonly signal: AbortSignal;
}

/** Pause after the queue, api or database failed, before the next try. */
const TROUBLE_MS = 1_000;
/** What a source says of a result that cannot be what the job asked for. All else is trouble, and no fault of the result. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'invalid-request',
  'conflict',
  'not-found',
  'payload-too-large',
]);

/** Claims jobs and does them, one at a time, until it is asked to stop. Renews the leases itself, never the child. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { source, signal, logger, pollMs } = options;
  while (!signal.aborted) {
    try {
      const work = await source.claim();
      if (work === null) await pause(pollMs, signal);
      else await doWork(work, options);
    } catch (error) {
      if (signal.aborted) return;
      logger.error({ err: error }, 'the queue, api or database did not answer; trying again');
      await pause(TROUBLE_MS, signal);
    }
  }
}

async function doWork(work: LeasedWork, options: WorkerOptions): Promise<void> {
  const { source, perform } = options;
  const logger = options.logger.child({ job: work.lease.jobId, attempt: work.lease.attempt });
  const job = new AbortController();
  const watch = new LeaseWatch(work, options, job);
  logger.info({ kind: work.kind }, 'started');
  try {
    const end = await perform(work, {
      signal: job.signal,
      onProgress: (progress) => watch.note(progress),
      insist: (ask) => watch.insist(ask),
    });
    // The lease is renewed until the result has arrived: the way there may be cut for a while.
    const { answer, failure } = await handIn(work, end, source, watch);
    if (failure === null) logger.info({ answer }, 'finished');
    else logger.warn({ ...failure, answer }, 'failed');
  } catch (error) {
    await letGo(work, error, options, watch);
  } finally {
    await watch.end();
  }
}

/** A result that the source refuses is the job's failure. */
async function handIn({ lease }: LeasedWork, end: WorkEnd, source: LeaseSource, watch: LeaseWatch) {
  let failure = end.kind === 'failure' ? end.failure : null;
  if (end.kind === 'report') {
    try {
      return { answer: await watch.insist(() => source.complete(lease, end.report)), failure };
    } catch (error) {
      if (!(error instanceof LutraError && REFUSALS.has(error.code))) throw error;
      failure = { outcome: 'nonsense', message: `the result was refused: ${error.message}`, retry: false };
    }
  }
  const told = failure!;
  return { answer: await watch.insist(() => source.fail(lease, told)), failure };
}

/** Work that came to no end here. */
async function letGo(
  { lease }: LeasedWork,
  error: unknown,
  options: WorkerOptions,
  watch: LeaseWatch,
): Promise<void> {
  const { source, signal } = options;
  const logger = options.logger.child({ job: lease.jobId, attempt: lease.attempt });
  if (error instanceof Interruption) {
    logger.info({ because: error.cause }, 'interrupted');
    if (error.cause === 'cancelled') await source.cancelled(lease);
    if (error.cause === 'stopped') await source.release(lease);
  } else if (databaseError(error)?.code === 'database-full') {
    // The job is as good as before, and its result too large for what is left: it waits for room.
    logger.error({ err: error }, 'no room for what the work needs; handed back');
    await pause(TROUBLE_MS, signal);
    await source.release(lease);
  } else {
    logger.error({ err: error }, 'broke');
    const message = describe(error);
    await watch.insist(() => source.fail(lease, { outcome: 'crashed', message, retry: true }));
  }
}

function describe(error: unknown): string {
  if (error instanceof LutraError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}
