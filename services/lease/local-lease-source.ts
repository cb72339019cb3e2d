import { randomInt } from 'node:crypto';
import type { JobProgress, MeasurePayload, TrainPayload, TrainResult } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { BlobStore } from '../../db/blob-store.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobLeases } from '../../db/repositories/job-leases.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { type JobEnd, JobRepository } from '../../db/repositories/jobs.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { write } from '../../db/write.js';
import type { HeartbeatAnswer, JobQueue, Lease } from '../../queue/job-queue.js';
import type { Capabilities } from './capabilities.js';
import type { LeasedWork, LeaseSource, WorkFailure, WorkReport } from './lease-source.js';
import { measureEnd } from './measure-end.js';
import { isNoiseCheckDue, submitNoiseCheck } from './noise-check.js';
import { openQueues, untrainableQueues } from './open-queues.js';
import { quarantineReason } from './quarantine-reason.js';
import { resolvePlan } from './resolve-plan.js';
import { unlessUnavailable } from './unless-unavailable.js';

export interface LocalLeaseOptions {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  /** Name of the worker, for people. */
  readonly worker: string;
  readonly capabilities: Capabilities;
  readonly leaseMs: number;
  /** A device that is idle measures its own noise this often; absent = never. */
  readonly noiseCheckEveryMs?: number;
  readonly now?: () => number;
}

/** A device counts as seen at least this often while its worker asks for work. */
const SEEN_EVERY_MS = 5_000;

/** A job whose workers vanish is taken to be what ends them after so many in a row. */
const MAX_LOST_IN_A_ROW = 3;

/** Failures that may pass, after which a job ends as it last failed. Lost workers are counted apart. */
const MAX_FAILURES = 3;

/** Disturbances pass: wait this long, times the attempt, before the next one. */
const RETRY_DELAY_MS = 500;

/** How often an idle device looks whether its noise check is due. */
const ASK_EVERY_MS = 5_000;

/** Why a lease could not be turned into work. */
type Obstacle = 'settled' | 'fenced' | 'device-busy';

/**
 * Work for a process that can open the database. The queue says who may try; the token in the job's row decides what
 * is stored: see docs/decisions/0003-sqlite-is-the-record.md.
 */
export class LocalLeaseSource implements LeaseSource {
  private readonly jobs: JobRepository;
  private readonly leases: JobLeases;
  private readonly devices: DeviceRepository;
  private readonly measurements: MeasurementRepository;
  private readonly now: () => number;
  private seenAtMs = Number.NEGATIVE_INFINITY;
  private askAgainAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: LocalLeaseOptions) {
    const { db, now = Date.now } = options;
    this.now = now;
    this.jobs = new JobRepository(db, now);
    this.leases = new JobLeases(db, now);
    this.devices = new DeviceRepository(db, now);
    this.measurements = new MeasurementRepository(db, now);
  }

  async claim(): Promise<LeasedWork | null> {
    const { db, queue, worker, leaseMs, capabilities } = this.options;
    this.showAlive();
    const { device } = capabilities;
    if (device !== null && this.leases.isBusy(device)) return null;
    const queues = openQueues(db, capabilities);
    this.explainWaiting();
    if (queues.length === 0) return null;
    for (;;) {
      const lease = await queue.claim(queues, worker, leaseMs);
      if (lease === null) {
        await this.askForNoiseCheck();
        return null;
      }
      const work = this.begin(lease);
      if (work === 'device-busy') await queue.release(lease);
      if (work === 'device-busy' || work === 'fenced') return null;
      if (work !== 'settled') return work;
      await queue.complete(lease);
    }
  }

  /** The jobs that it submits are claimed like any other, by whichever worker of the device is next. */
  private async askForNoiseCheck(): Promise<void> {
    const { db, queue, capabilities, noiseCheckEveryMs: everyMs } = this.options;
    const nowMs = this.now();
    if (everyMs === undefined || capabilities.device === null || nowMs < this.askAgainAtMs) return;
    this.askAgainAtMs = nowMs + ASK_EVERY_MS;
    if (!isNoiseCheckDue(db, capabilities.device, { everyMs, nowMs })) return;
    await submitNoiseCheck(db, queue, capabilities.device);
  }

  /** Jobs that this trainer cannot do wait for another: whoever looks at them should read what it must have. */
  private explainWaiting(): void {
    const { db, worker, capabilities } = this.options;
    for (const { queue, because } of untrainableQueues(db, capabilities)) {
      this.jobs.noteWaiting(queue, `waits for ${because}; '${worker}' asked for work and is none`);
    }
  }

  async heartbeat(lease: Lease, progress?: JobProgress): Promise<HeartbeatAnswer> {
    const { queue, leaseMs } = this.options;
    this.showAlive();
    const renewedAtMs = this.now();
    const answer = await queue.heartbeat(lease, leaseMs);
    const inRow = answer === 'lost' ? 'lost' : this.leases.progress(lease, leaseMs, progress, renewedAtMs);
    // A renewal that crosses the holder's own result: the work is nobody else's.
    if (inRow === 'lost') return this.leases.state(lease) === 'ended' ? 'held' : 'lost';
    return inRow === 'held' ? answer : inRow;
  }

  async complete(lease: Lease, report: WorkReport): Promise<'committed' | 'lost'> {
    if (report.kind === 'train') await this.requireStored(report.result);
    const standing = await this.standing(lease);
    if (standing === 'committed') return standing;
    const end = standing === 'lost' ? standing : write(this.options.db, () => this.commit(lease, report));
    if (end === 'lost') return this.refuse(lease, 'result');
    await this.tellQueue(lease, end);
    return 'committed';
  }

  async fail(lease: Lease, failure: WorkFailure): Promise<'committed' | 'retried' | 'lost'> {
    const standing = await this.standing(lease);
    if (standing === 'committed') return standing;
    const settle = () => this.settle(lease, { ...failure, result: null });
    const end = standing === 'lost' ? standing : write(this.options.db, settle);
    if (end === 'lost') return this.refuse(lease, 'failure');
    await this.tellQueue(lease, end);
    return end === 'again' ? 'retried' : 'committed';
  }

  async release(lease: Lease): Promise<void> {
    this.leases.giveBack(lease, `handed back by ${this.options.worker}`, false);
    await unlessUnavailable(this.options.queue.release(lease));
  }

  async cancelled(lease: Lease): Promise<'committed' | 'retried' | 'lost'> {
    if (!this.jobs.get(lease.jobId).cancelRequested) return this.cancelledUnasked(lease);
    const finished = this.leases.finish(lease, { outcome: 'cancelled' });
    await unlessUnavailable(this.options.queue.complete(lease));
    return finished ? 'committed' : 'lost';
  }

  /** Whoever waits for a job that nobody cancelled would ask for it anew: it stays. */
  private async cancelledUnasked(lease: Lease): Promise<'retried' | 'lost'> {
    const stands = this.leases.holds(lease);
    await this.release(lease);
    return stands ? 'retried' : 'lost';
  }

  readBlob(sha256: string): Promise<Uint8Array> {
    return this.options.blobs.get(sha256);
  }

  writeBlob(bytes: Uint8Array): Promise<string> {
    return this.options.blobs.put(bytes);
  }

  /** @throws LutraError `not-found` for weights that nobody handed in */
  private async requireStored({ weights, importance = null }: TrainResult): Promise<void> {
    for (const [name, sha256] of Object.entries({ weights, importance })) {
      if (sha256 === null || (await this.options.blobs.has(sha256))) continue;
      throw new LutraError('not-found', `the result names ${name} ${sha256}, which were not stored`, {
        pointer: `/result/${name}`,
      });
    }
  }

  /** The device is there, whether it works or waits. */
  private showAlive(): void {
    const { device } = this.options.capabilities;
    if (device === null || this.now() - this.seenAtMs < SEEN_EVERY_MS) return;
    this.seenAtMs = this.now();
    this.devices.touch(device);
  }

  /** Turns a claim into work, or ends a job that needs none. */
  private begin(lease: Lease): LeasedWork | Obstacle {
    const job = this.jobs.find(lease.jobId);
    if (job === undefined || job.status === 'finished') return 'settled';
    const end = this.endWithoutWork(job, lease);
    if (end !== null) {
      this.jobs.finish(job.id, end);
      return 'settled';
    }
    const { worker, leaseMs, capabilities } = this.options;
    const device = job.payload.kind === 'measure' ? (job.payload.device ?? capabilities.device) : null;
    const taken = this.leases.take(lease, { worker, device, leaseMs }, lease.expiresAtMs - leaseMs);
    if (taken !== 'taken') return taken;
    if (job.kind === 'train') return { kind: 'train', lease, payload: job.payload as TrainPayload };
    return this.beginMeasuring(lease, job.payload as MeasurePayload, device!);
  }

  private endWithoutWork(job: JobRow, lease: Lease): JobEnd | null {
    if (job.cancelRequested) return { outcome: 'cancelled' };
    if (this.leases.lostInARow(lease) < MAX_LOST_IN_A_ROW) return null;
    const message = `gave up after ${MAX_LOST_IN_A_ROW} workers lost in a row: '${job.worker}' stopped renewing its lease`;
    return { outcome: 'abandoned', message };
  }

  private beginMeasuring(lease: Lease, payload: MeasurePayload, device: string): LeasedWork | Obstacle {
    const { db } = this.options;
    const plan = resolvePlan(db, payload, device, randomInt(2 ** 31));
    if (plan !== null) return { kind: 'measure', lease, plan };
    const { environmentId } = this.devices.get(device);
    const result = this.measurements.resultFromTable(environmentId, payload.ops);
    return this.leases.finish(lease, { outcome: 'ok', result }) ? 'settled' : 'fenced';
  }

  /**
   * Whether the lease still stands in the row, which decides alone: the queue may have forgotten it, or have seen it run
   * out without anybody taking the job. `committed` when it ended the job before.
   */
  private async standing(lease: Lease): Promise<'held' | 'committed' | 'lost'> {
    const inRow = this.leases.state(lease);
    if (inRow !== 'ended') return inRow;
    await unlessUnavailable(this.options.queue.complete(lease));
    return 'committed';
  }

  private refuse(lease: Lease, what: 'result' | 'failure'): 'lost' {
    this.leases.noteRefused(lease, what);
    return 'lost';
  }

  /** Inside the one transaction of a result: the session with all that follows from it, and the job's end. */
  private commit(lease: Lease, report: WorkReport): 'ended' | 'again' | 'lost' {
    if (!this.leases.holds(lease)) return 'lost';
    const { kind, payload, device } = this.jobs.get(lease.jobId);
    if (kind !== report.kind) {
      throw new LutraError(
        'conflict',
        `job ${lease.jobId}: expected the result of a ${kind} job, got ${report.kind}`,
      );
    }
    if (report.kind === 'train')
      return this.settle(lease, { outcome: 'ok', result: report.result, retry: false });
    const { ops, target, purpose, aim } = payload as MeasurePayload;
    const result = this.measurements.commitSession({
      deviceName: device!,
      jobId: lease.jobId,
      report: report.report,
      askedOps: ops,
      ...(target === undefined ? {} : { target }),
      ...(purpose === undefined ? {} : { purpose }),
      aim,
    });
    const reason = quarantineReason(this.devices.recentAnchorChecks(device!));
    if (reason !== null) this.devices.quarantine(device!, reason);
    return this.settle(lease, { ...measureEnd(result), result });
  }

  /** Ends the job, or puts it back for another attempt where that may help. */
  private settle(lease: Lease, { retry, ...end }: JobEnd & { retry: boolean }): 'ended' | 'again' | 'lost' {
    const { cancelRequested, retries } = this.jobs.get(lease.jobId);
    if (retry && cancelRequested)
      return this.leases.finish(lease, { outcome: 'cancelled' }) ? 'ended' : 'lost';
    if (retry && retries + 1 < MAX_FAILURES) {
      return this.leases.giveBack(lease, end.message ?? end.outcome, true) ? 'again' : 'lost';
    }
    return this.leases.finish(lease, end) ? 'ended' : 'lost';
  }

  private async tellQueue(lease: Lease, end: 'ended' | 'again'): Promise<void> {
    const { queue } = this.options;
    const told = end === 'again' ? queue.retry(lease, RETRY_DELAY_MS * lease.attempt) : queue.complete(lease);
    // A queue that cannot be told finds out at the next claim of the job.
    await unlessUnavailable(told);
  }
}
