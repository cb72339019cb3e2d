import type BetterSqlite3 from 'better-sqlite3';
import type { HeartbeatAnswer, JobQueue, Lease, QueuedJob } from '../job-queue.js';
import * as sql from './statements.js';

interface First {
  readonly jobId: string;
  readonly priority: number;
  readonly turn: number;
  readonly seq: number;
}

/**
 * The embedded queue: a claim table in the database that all processes of this machine share. Every change is one
 * transaction that takes the write lock first, so two processes never hold one job.
 */
export class SqliteJobQueue implements JobQueue {
  private readonly number;
  private readonly isQueued;
  private readonly insert;
  private readonly first;
  private readonly take;
  private readonly renew;
  private readonly nextTurn;
  private readonly serveTurn;
  private readonly forgetTurns;

  /** @param db as `db/open-database.ts` opens it */
  constructor(
    private readonly db: BetterSqlite3.Database,
    private readonly now: () => number = Date.now,
  ) {
    this.number = db.prepare<[object], number>(sql.NEXT_NUMBER).pluck();
    this.isQueued = db.prepare<[string]>(sql.IS_QUEUED);
    this.insert = db.prepare<[object]>(sql.ENQUEUE);
    this.first = db.prepare<[object], First>(sql.FIRST_OF_QUEUE);
    this.take = db.prepare<[object], { queue: string; attempt: number }>(sql.TAKE);
    this.renew = db.prepare<[object], { cancelRequested: number }>(sql.RENEW);
    this.nextTurn = db.prepare<[object], number>(sql.NEXT_TURN).pluck();
    this.serveTurn = db.prepare<[object]>(sql.SERVE_TURN);
    this.forgetTurns = db.prepare<[object]>(sql.FORGET_TURNS);
  }

  async enqueue({ jobId, queue, priority = 0, submitter = '', attempts = 0 }: QueuedJob): Promise<void> {
    this.write(() => {
      if (this.isQueued.get(jobId) !== undefined) return;
      const turn = this.nextTurn.get({ queue, priority, submitter });
      this.insert.run({ jobId, queue, priority, turn, attempts, seq: this.nextNumber() });
    });
  }

  async unknown(jobs: readonly Pick<QueuedJob, 'jobId'>[]): Promise<readonly string[]> {
    const jobIds = JSON.stringify(jobs.map(({ jobId }) => jobId));
    return this.db.prepare<[string], string>(sql.UNKNOWN).pluck().all(jobIds);
  }

  async claim(queues: readonly string[], worker: string, leaseMs: number): Promise<Lease | null> {
    // Workers poll: while there is nothing to do, they must not take the write lock.
    if (this.next(queues) === undefined) return null;
    return this.write(() => {
      const next = this.next(queues);
      if (next === undefined) return null;
      const { jobId, priority, turn } = next;
      const now = this.now();
      const token = this.nextNumber();
      const expiresAtMs = now + leaseMs;
      const taken = this.take.get({ jobId, token, worker, until: expiresAtMs, now });
      if (taken === undefined) return null;
      this.serveTurn.run({ queue: taken.queue, priority, turn });
      this.forgetTurns.run({ queue: taken.queue, priority, turn });
      return { jobId, token, ...taken, expiresAtMs };
    });
  }

  async heartbeat({ jobId, token }: Lease, leaseMs: number): Promise<HeartbeatAnswer> {
    return this.write(() => {
      const now = this.now();
      const held = this.renew.get({ jobId, token, now, until: now + leaseMs });
      if (held === undefined) return 'lost';
      return held.cancelRequested === 1 ? 'cancelled' : 'held';
    });
  }

  async complete(lease: Lease): Promise<boolean> {
    return this.asHolder(sql.COMPLETE, lease);
  }

  async retry(lease: Lease, delayMs = 0): Promise<boolean> {
    return this.asHolder(sql.RETRY, lease, { notBefore: this.now() + delayMs });
  }

  async release(lease: Lease): Promise<boolean> {
    return this.asHolder(sql.RELEASE, lease);
  }

  async cancel(jobId: string): Promise<'removed' | 'signalled' | 'absent'> {
    return this.write(() => {
      const named = { jobId, now: this.now() };
      if (this.db.prepare<[object]>(sql.SIGNAL_CANCEL).run(named).changes === 1) return 'signalled';
      return this.db.prepare<[object]>(sql.REMOVE_WAITING).run(named).changes === 1 ? 'removed' : 'absent';
    });
  }

  async depth(): Promise<ReadonlyMap<string, { readonly waiting: number; readonly leased: number }>> {
    const rows = this.db
      .prepare<[object], { queue: string; waiting: number; leased: number }>(sql.DEPTH)
      .all({ now: this.now() });
    return new Map(rows.map(({ queue, waiting, leased }) => [queue, { waiting, leased }]));
  }

  private nextNumber(): number {
    return this.number.get({ now: this.now() })!;
  }

  private next(queues: readonly string[]): First | undefined {
    const now = this.now();
    return queues
      .map((queue) => this.first.get({ queue, now }))
      .filter((first) => first !== undefined)
      .sort((a, b) => b.priority - a.priority || a.seq - b.seq)[0];
  }

  private asHolder(statement: string, { jobId, token }: Lease, more: Record<string, unknown> = {}): boolean {
    return this.write(() => {
      const parameters = { jobId, token, now: this.now(), ...more };
      return this.db.prepare<[object]>(statement).run(parameters).changes === 1;
    });
  }

  private write<T>(work: () => T): T {
    return this.db.transaction(work).immediate();
  }
}
