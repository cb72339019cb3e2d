import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobProgress } from '../../contracts/job.js';
import type { LeasedWork, LeaseSource, WorkFailure, WorkReport } from '../lease/lease-source.js';

export type WorkEnd =
  | { readonly kind: 'report'; readonly report: WorkReport }
  | { readonly kind: 'failure'; readonly failure: WorkFailure };

/**
 * Does one claimed job. It must stop at once when the signal is aborted, whatever the child is doing, and throw the
 * signal's reason.
 */
export type Perform = (
  work: LeasedWork,
  control: { readonly signal: AbortSignal; onProgress(progress: JobProgress): void },
) => Promise<WorkEnd>;

export interface WorkerOptions {
  readonly source: LeaseSource;
  readonly perform: Perform;
  /** The lease is renewed three times in this time. */
  readonly leaseMs: number;
  /** Pause between two looks at an empty queue. */
  readonly pollMs: number;
  /** After a stop, running work gets this long to finish before it is handed back. */
  readonly graceMs: number;
  readonly logger: Logger;
  /** Asks the worker to stop: it claims nothing more. */
  readonly signal: AbortSignal;
}

/** Why running work was stopped. */
class Interruption extends Error {
  constructor(override readonly cause: 'cancelled' | 'lost' | 'stopped') {
    super(`the work was ${cause}`);
  }
}

/** Pause after the queue or database failed, before the next try. */
const TROUBLE_MS = 1_000;

/** Claims jobs and does them, one at a time, until it is asked to stop. Renews the leases itself, never the child. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { source, signal, logger, pollMs } = options;
  while (!signal.aborted) {
    try {
      const work = await source.claim();
      if (work === null) await pause(pollMs, signal);
      else await doWork(work, options);
    } catch (error) {
      logger.error({ err: error }, 'the queue or database did not answer; trying again');
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
    const end = await perform(work, { signal: job.signal, onProgress: (progress) => watch.note(progress) });
    await watch.end();
    if (end.kind === 'report') {
      logger.info({ answer: await source.complete(work.lease, end.report) }, 'finished');
    } else {
      logger.warn({ ...end.failure, answer: await source.fail(work.lease, end.failure) }, 'failed');
    }
  } catch (error) {
    await watch.end();
    if (!(error instanceof Interruption)) throw error;
    logger.info({ because: error.cause }, 'interrupted');
    if (error.cause === 'cancelled') await source.cancelled(work.lease);
    if (error.cause === 'stopped') await source.release(work.lease);
  }
}

/** Renews one lease while its work runs, and interrupts the work when it is no longer wanted here. */
class LeaseWatch {
  private progress: JobProgress | undefined;
  private renewing: Promise<void> = Promise.resolve();
  private readonly timer;
  private grace: NodeJS.Timeout | undefined;
  private readonly onStop;

  constructor(
    private readonly work: LeasedWork,
    private readonly options: WorkerOptions,
    private readonly job: AbortController,
  ) {
    const { leaseMs, graceMs, signal } = options;
    this.timer = setInterval(() => {
      this.renewing = this.renew();
    }, leaseMs / 3);
    this.onStop = () => {
      this.grace = setTimeout(() => job.abort(new Interruption('stopped')), graceMs);
    };
    signal.addEventListener('abort', this.onStop, { once: true });
  }

  note(progress: JobProgress): void {
    this.progress = progress;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.grace);
    this.options.signal.removeEventListener('abort', this.onStop);
    await this.renewing;
  }

  private async renew(): Promise<void> {
    try {
      const answer = await this.options.source.heartbeat(this.work.lease, this.progress);
      if (answer !== 'held') this.job.abort(new Interruption(answer));
    } catch (error) {
      // The lease may still stand; the next renewal or the fence at the end decides.
      this.options.logger.warn({ err: error, job: this.work.lease.jobId }, 'could not renew the lease');
    }
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}
