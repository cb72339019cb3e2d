import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobProgress } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
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

/** Pause after the queue, api or database failed, before the next try. */
const TROUBLE_MS = 1_000;
/** Between two tries to hand a result in. */
const AGAIN_MS = 250;
const NEVER = new AbortController().signal;

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
    const end = await perform(work, { signal: job.signal, onProgress: (progress) => watch.note(progress) });
    // The lease is renewed until the result has arrived: the way there may be cut for a while.
    const { answer, failure } = await handIn(work, end, source, watch);
    if (failure === null) logger.info({ answer }, 'finished');
    else logger.warn({ ...failure, answer }, 'failed');
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    logger.info({ because: error.cause }, 'interrupted');
    if (error.cause === 'cancelled') await source.cancelled(work.lease);
    if (error.cause === 'stopped') await source.release(work.lease);
  } finally {
    await watch.end();
  }
}

/** A result that the source refuses, because it cannot be what the job asked for, is the job's failure. */
async function handIn({ lease }: LeasedWork, end: WorkEnd, source: LeaseSource, watch: LeaseWatch) {
  let failure = end.kind === 'failure' ? end.failure : null;
  if (end.kind === 'report') {
    try {
      return { answer: await watch.handIn(() => source.complete(lease, end.report)), failure };
    } catch (error) {
      if (!(error instanceof LutraError)) throw error;
      failure = { outcome: 'nonsense', message: `the result was refused: ${error.message}`, retry: false };
    }
  }
  const told = failure!;
  return { answer: await watch.handIn(() => source.fail(lease, told)), failure };
}

/**
 * Renews one lease while its work runs, and interrupts the work when it is no longer wanted here: at once when the
 * source says so, and when the lease must have run out because no renewal got through.
 */
class LeaseWatch {
  private progress: JobProgress | undefined;
  private renewing: Promise<void> | undefined;
  private heldUntilMs: number;
  private readonly timer;
  private grace: NodeJS.Timeout | undefined;
  private readonly onStop;

  constructor(
    private readonly work: LeasedWork,
    private readonly options: WorkerOptions,
    private readonly job: AbortController,
  ) {
    const { leaseMs, graceMs, signal } = options;
    this.heldUntilMs = performance.now() + leaseMs;
    this.timer = setInterval(() => this.tick(), leaseMs / 3);
    this.onStop = () => {
      this.grace = setTimeout(() => job.abort(new Interruption('stopped')), graceMs);
    };
    signal.addEventListener('abort', this.onStop, { once: true });
  }

  note(progress: JobProgress): void {
    this.progress = progress;
  }

  /** Tries until there is an answer, or the lease is gone. Trouble on the way does not undo the work. */
  async handIn<T>(send: () => Promise<T>): Promise<T | 'lost'> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        const { logger, leaseMs } = this.options;
        if (error instanceof LutraError && !error.retryable) throw error;
        // A lease that nobody else could claim meanwhile may still stand: one lease longer is worth the try.
        if (performance.now() > this.heldUntilMs + leaseMs) return 'lost';
        logger.warn({ err: error, job: this.work.lease.jobId }, 'could not hand the result in; trying again');
        await pause(AGAIN_MS, NEVER);
      }
    }
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.grace);
    this.options.signal.removeEventListener('abort', this.onStop);
    await this.renewing;
  }

  private tick(): void {
    if (performance.now() > this.heldUntilMs) this.job.abort(new Interruption('lost'));
    this.renewing ??= this.renew().finally(() => {
      this.renewing = undefined;
    });
  }

  private async renew(): Promise<void> {
    const sentAtMs = performance.now();
    try {
      const answer = await this.options.source.heartbeat(this.work.lease, this.progress);
      if (answer === 'held') this.heldUntilMs = sentAtMs + this.options.leaseMs;
      else this.job.abort(new Interruption(answer));
    } catch (error) {
      // The lease may still stand; the next renewal, its end by the clock, or the fence decides.
      this.options.logger.warn({ err: error, job: this.work.lease.jobId }, 'could not renew the lease');
    }
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}
