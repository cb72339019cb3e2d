import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { JobProgress } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { LeasedWork, LeaseSource } from '../lease/lease-source.js';

/** Why running work was stopped. */
export class Interruption extends Error {
  constructor(override readonly cause: 'cancelled' | 'lost' | 'stopped') {
    super(`the work was ${cause}`);
  }
}

export interface LeaseWatchOptions {
  readonly source: LeaseSource;
  /** The lease is renewed three times in this time. */
  readonly leaseMs: number;
  /** After a stop, running work gets this long to finish before it is handed back. */
  readonly graceMs: number;
  /** A source that renews the lease, and takes or gives nothing else, is asked for so long. Default: ten minutes. */
  readonly patienceMs?: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const PATIENCE_MS = 10 * 60_000;
/** After the first try that failed; later pauses are longer, so that a report of megabytes is not sent all the time. */
const AGAIN_MS = 250;

/**
 * Renews one lease while its work runs, and interrupts the work when it is no longer wanted here: at once when the
 * source says so, and when the lease must have run out because no renewal got through.
 */
export class LeaseWatch {
  private progress: JobProgress | undefined;
  private renewing: Promise<void> | undefined;
  private heldUntilMs: number;
  private readonly timer;
  private grace: NodeJS.Timeout | undefined;
  private readonly onStop;

  constructor(
    private readonly work: LeasedWork,
    private readonly options: LeaseWatchOptions,
    private readonly job: AbortController,
  ) {
    const { leaseMs, graceMs, signal } = options;
    this.heldUntilMs = performance.now() + leaseMs;
    this.timer = setInterval(() => this.tick(), leaseMs / 3);
    this.onStop = () => {
      this.grace = setTimeout(() => job.abort(new Interruption('stopped')), graceMs);
    };
    // A stop may have come while the source was asked for work.
    if (signal.aborted) this.onStop();
    else signal.addEventListener('abort', this.onStop, { once: true });
  }

  note(progress: JobProgress): void {
    this.progress = progress;
  }

  /**
   * Asks the source until it answers: trouble on the way does not undo the work.
   * @throws what asking again cannot help, or did not help for long; Interruption when the work is no longer wanted
   */
  async insist<T>(ask: () => Promise<T>): Promise<T> {
    const { logger, leaseMs, patienceMs = PATIENCE_MS } = this.options;
    const untilMs = performance.now() + patienceMs;
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (!mayPass(error)) throw error;
        this.throwIfUnwanted();
        if (performance.now() > untilMs) throw error;
        logger.warn(
          { err: error, job: this.work.lease.jobId },
          'nothing gets to the source or back; trying again',
        );
        await sleep(Math.min(AGAIN_MS * tries, leaseMs / 3));
      }
    }
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.grace);
    this.options.signal.removeEventListener('abort', this.onStop);
    await this.renewing;
  }

  private throwIfUnwanted(): void {
    const reason: unknown = this.job.signal.reason;
    if (reason instanceof Interruption && reason.cause !== 'lost') throw reason;
    // A lease that nobody else could claim meanwhile may still stand: one lease longer is worth the try.
    if (performance.now() > this.heldUntilMs + this.options.leaseMs) throw new Interruption('lost');
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

/** A full disk is emptied by someone; a caller of the api is not told to try again, but a worker has nothing to lose. */
function mayPass(error: unknown): boolean {
  return !(error instanceof LutraError) || error.retryable || error.code === 'database-full';
}
