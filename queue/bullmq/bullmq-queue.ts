import { randomUUID } from 'node:crypto';
import { Job, Queue, type QueueOptions, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { LutraError } from '../../core/errors.js';
import type { HeartbeatAnswer, JobQueue, Lease, QueuedJob } from '../job-queue.js';
import { LAST_TURN, packPriority, unpackPriority } from './packed-priority.js';
import * as lua from './scripts.js';

/** What travels with a job id. */
interface Carried {
  readonly attempts: number;
}

type DeviceQueue = Queue<Carried>;

/** Between BullMQ's claim and our grant, two steps of one process: who dies there holds the job for this long. */
const PROVISIONAL_LOCK_MS = 5_000;

/** Redis does nothing else while a script runs: it is asked about this many jobs at once. */
const ASKED_AT_ONCE = 1_000;

/** Live streams read the job's events from the database; Redis keeps only what BullMQ itself cannot do without. */
const KEPT_EVENTS = 10;

/**
 * The queue of a Lutra that is spread over processes and machines: BullMQ on Redis, one BullMQ queue for each device
 * and one for training. BullMQ keeps and moves the jobs; leases with growing tokens, and turns between submitters, are
 * ours (`scripts.ts`). See docs/decisions/0020-bullmq-with-our-leases.md.
 */
export class BullmqJobQueue implements JobQueue {
  private readonly queues = new Map<string, DeviceQueue>();

  /**
   * @param redis shared by all queues; closing it stays with the caller
   * @param prefix of every key: another one for each database, so that two may share a Redis
   */
  constructor(
    private readonly redis: Redis,
    private readonly prefix: string,
    private readonly now: () => number = Date.now,
  ) {}

  enqueue(job: QueuedJob): Promise<void> {
    return reach(() => this.add(job));
  }

  unknown(jobs: readonly Pick<QueuedJob, 'jobId' | 'queue'>[]): Promise<readonly string[]> {
    return reach(async () => {
      const unknown: string[] = [];
      for (let from = 0; from < jobs.length; from += ASKED_AT_ONCE) {
        const asked = jobs.slice(from, from + ASKED_AT_ONCE);
        const keys = asked.map((job) => this.keysOf(job).job);
        const positions = (await this.run(lua.UNKNOWN, keys, [])) as number[];
        unknown.push(...positions.map((position) => asked[position - 1]!.jobId));
      }
      return unknown;
    });
  }

  claim(names: readonly string[], worker: string, leaseMs: number): Promise<Lease | null> {
    return reach(() => this.claimBest(names, worker, leaseMs));
  }

  heartbeat(lease: Lease, leaseMs: number): Promise<HeartbeatAnswer> {
    return reach(async () => {
      const { job, lock } = this.keysOf(lease);
      const answer = await this.run(lua.RENEW, [lock, job], [lease.token, leaseMs]);
      return answer === 0 ? 'lost' : answer === 1 ? 'held' : 'cancelled';
    });
  }

  complete(lease: Lease): Promise<boolean> {
    return reach(() => this.moveHeld(lease, (job) => job.moveToCompleted(null, String(lease.token), false)));
  }

  retry(lease: Lease, delayMs = 0): Promise<boolean> {
    if (delayMs <= 0) return reach(() => this.putBack(lease, 0));
    const at = this.now() + delayMs;
    return reach(() => this.moveHeld(lease, (job) => job.moveToDelayed(at, String(lease.token))));
  }

  release(lease: Lease): Promise<boolean> {
    return reach(() => this.putBack(lease, -1));
  }

  cancel(jobId: string): Promise<'removed' | 'signalled' | 'absent'> {
    return reach(() => this.removeOrSignal(jobId));
  }

  depth(): Promise<ReadonlyMap<string, { readonly waiting: number; readonly leased: number }>> {
    return reach(async () => {
      const entries = await Promise.all(
        (await this.names()).map(async (name) => {
          const { waiting, leased } = await this.look(this.queueOf(name));
          return [name, { waiting, leased }] as const;
        }),
      );
      return new Map(entries.filter(([, { waiting, leased }]) => waiting + leased > 0));
    });
  }

  /** Lets go of the queues, not of the connection. */
  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private async add({
    jobId,
    queue: name,
    priority = 0,
    submitter = '',
    attempts = 0,
  }: QueuedJob): Promise<void> {
    const queue = this.queueOf(name);
    await this.redis.sadd(this.registry, name);
    // A job that is there already stays as it is.
    await queue.add('job', { attempts }, { jobId, priority: packPriority(priority, LAST_TURN) });
    const { prioritized, delayed, active } = queue.keys;
    const keys = [queue.toKey(jobId), turnsKey(queue, priority), prioritized!, delayed!, active!];
    const known = [submitter, queue.toKey(''), packPriority(priority, 0), LAST_TURN, jobId];
    await this.run(lua.TAKE_TURN, keys, known);
  }

  private async claimBest(names: readonly string[], worker: string, leaseMs: number): Promise<Lease | null> {
    for (;;) {
      const looked = await Promise.all(
        names.map(async (name) => ({ name, ...(await this.look(this.queueOf(name))) })),
      );
      const best = looked.filter(({ next }) => next >= 0).sort((a, b) => a.next - b.next)[0];
      if (best === undefined) return null;
      const lease = await this.claimFrom(best.name, worker, leaseMs);
      // Nothing: another worker was faster. Look again.
      if (lease !== null) return lease;
    }
  }

  private async claimFrom(name: string, worker: string, leaseMs: number): Promise<Lease | null> {
    const queue = this.queueOf(name);
    const provisional = randomUUID();
    const [taken, jobId] = await queue.getBackend().moveToActive(provisional, worker);
    if (jobId === undefined || typeof taken !== 'object' || taken === null) return null;
    const { priority } = unpackPriority(Number(taken.priority));
    const { job, lock } = this.keysOf({ queue: name, jobId });
    const keys = [lock, `${this.prefix}:token`, job, turnsKey(queue, priority)];
    const granted = (await this.run(lua.GRANT, keys, [provisional, leaseMs, packPriority(priority, 0)])) as
      | [string, number]
      | null;
    if (granted === null) return null;
    const { attempts } = JSON.parse(String(taken.data)) as Carried;
    const [token, claims] = granted;
    return {
      jobId,
      queue: name,
      token: Number(token),
      attempt: attempts + claims,
      expiresAtMs: this.now() + leaseMs,
    };
  }

  private async removeOrSignal(jobId: string): Promise<'removed' | 'signalled' | 'absent'> {
    for (const name of await this.names()) {
      const queue = this.queueOf(name);
      const { job, lock } = this.keysOf({ queue: name, jobId });
      const state = await this.run(lua.MARK_CANCELLED, [job, lock], []);
      if (state === 1) return 'signalled';
      if (state === 2) {
        // A job whose holder vanished becomes a waiting one first.
        await this.look(queue);
        if ((await queue.remove(jobId)) === 1) return 'removed';
        // Someone claimed it in between.
        return this.removeOrSignal(jobId);
      }
    }
    return 'absent';
  }

  private async putBack(lease: Lease, attempts: number): Promise<boolean> {
    const { keys } = this.queueOf(lease.queue);
    const { job, lock } = this.keysOf(lease);
    const all = [lock, job, keys.active!, keys.prioritized!, keys.stalled!];
    return (await this.run(lua.PUT_BACK, all, [lease.token, lease.jobId, attempts])) === 1;
  }

  /** What a queue holds, after jobs whose lease ran out were put back. `next` is negative when nothing can be claimed. */
  private async look(queue: DeviceQueue): Promise<{ next: number; waiting: number; leased: number }> {
    const { active, prioritized, delayed, stalled } = queue.keys;
    const keys = [active!, prioritized!, delayed!, stalled!];
    const answer = await this.run(lua.LOOK, keys, [queue.toKey(''), this.now()]);
    const [next, waiting, leased] = answer as [number, number, number];
    return { next, waiting, leased };
  }

  /** @returns false when BullMQ refuses because the lock is another's or gone */
  private async moveHeld(lease: Lease, move: (job: Job<Carried>) => Promise<unknown>): Promise<boolean> {
    const job = await Job.fromId<Carried>(this.queueOf(lease.queue), lease.jobId);
    if (job === undefined) return false;
    try {
      await move(job);
      return true;
    } catch (error) {
      // BullMQ says so in words only; the lock itself is the fact.
      const held = (await this.redis.get(this.keysOf(lease).lock)) === String(lease.token);
      if (held) throw error;
      return false;
    }
  }

  private queueOf(name: string): DeviceQueue {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const options: QueueOptions & Pick<WorkerOptions, 'lockDuration'> = {
      connection: this.redis,
      prefix: this.prefix,
      lockDuration: PROVISIONAL_LOCK_MS,
      streams: { events: { maxLen: KEPT_EVENTS } },
      // A job that is kept would block its id; the database remembers how it ended.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    };
    const queue: DeviceQueue = new Queue<Carried>(name, options);
    // The shared connection reports its own troubles; whoever asks hears of them too.
    queue.on('error', () => undefined);
    this.queues.set(name, queue);
    return queue;
  }

  private keysOf({ queue, jobId }: Pick<Lease, 'queue' | 'jobId'>): { job: string; lock: string } {
    const job = this.queueOf(queue).toKey(jobId);
    return { job, lock: `${job}:lock` };
  }

  private get registry(): string {
    return `${this.prefix}:queues`;
  }

  private names(): Promise<string[]> {
    return this.redis.smembers(this.registry);
  }

  private run(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    return this.redis.eval(script, keys.length, ...keys, ...values);
  }
}

function turnsKey(queue: DeviceQueue, priority: number): string {
  return queue.toKey(`turns:${priority}`);
}

/** @throws LutraError `queue-unavailable` for whatever goes wrong on the way to Redis */
async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TypeError) throw cause;
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new LutraError('queue-unavailable', `Redis: ${because}`, { cause });
  }
}
