import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobQueue, Lease } from '../../queue/job-queue.js';

export interface QueueUnderTest {
  readonly queue: JobQueue;
  /** Lets time pass for the queue: moves its clock, or waits. */
  advance(ms: number): Promise<void>;
  /**
   * Arguments for `node` of a process that claims from the same queue, in real time. It is given a queue's name, a
   * worker's name, a lease in ms and `drain` or `hold`. It prints `ready`, waits for the end of its standard input, and
   * then prints each claimed job id as a line. `drain` completes every job and exits when none is left; `hold` keeps
   * the first for good.
   */
  readonly claimer: readonly string[];
  close(): Promise<void>;
}

/** What every adapter of {@link JobQueue} must do. */
export function describeQueueConformance(
  name: string,
  open: (clock: 'moved' | 'real') => Promise<QueueUnderTest>,
): void {
  describe(`${name}: one queue`, () => {
    let subject: QueueUnderTest;
    let queue: JobQueue;
    const claim = (worker = 'w1', queues = ['device.a']) => queue.claim(queues, worker, 1_000);
    const claimed = async (worker?: string): Promise<Lease> => {
      const lease = await claim(worker);
      if (lease === null) throw new Error('nothing to claim');
      return lease;
    };
    const enqueue = (jobId: string, priority?: number) =>
      queue.enqueue({ jobId, queue: 'device.a', ...(priority === undefined ? {} : { priority }) });

    beforeEach(async () => {
      subject = await open('moved');
      queue = subject.queue;
    });
    afterEach(() => subject.close());

    it('hands out nothing when empty', async () => {
      expect(await claim()).toBeNull();
    });

    it('hands out in order of arrival', async () => {
      for (const jobId of ['job_c', 'job_a', 'job_b']) await enqueue(jobId);
      expect([(await claimed()).jobId, (await claimed()).jobId, (await claimed()).jobId]).toEqual([
        'job_c',
        'job_a',
        'job_b',
      ]);
      expect(await claim()).toBeNull();
    });

    it('runs higher priorities first, and a job without one as priority 0', async () => {
      await enqueue('low', -1);
      await enqueue('plain');
      await enqueue('high', 5);
      await enqueue('high-later', 5);
      const order = [];
      for (let i = 0; i < 4; i++) order.push((await claimed()).jobId);
      expect(order).toEqual(['high', 'high-later', 'plain', 'low']);
    });

    it('takes the best of several queues and leaves other queues alone', async () => {
      await queue.enqueue({ jobId: 'elsewhere', queue: 'device.b', priority: 9 });
      await queue.enqueue({ jobId: 'trained', queue: 'train', priority: 1 });
      await enqueue('measured');
      const first = await claim('w1', ['device.a', 'train']);
      expect(first).toMatchObject({ jobId: 'trained', queue: 'train' });
      expect(await claim('w1', ['device.a', 'train'])).toMatchObject({
        jobId: 'measured',
        queue: 'device.a',
      });
      expect(await claim('w1', ['device.a', 'train'])).toBeNull();
    });

    it('takes a job id once while it waits or is leased', async () => {
      await enqueue('job_1');
      await enqueue('job_1', 7);
      const lease = await claimed();
      await enqueue('job_1');
      expect(await claim()).toBeNull();
      expect(await queue.complete(lease)).toBe(true);
      expect(await claim()).toBeNull();
    });

    it('takes a job id again after it was completed, with a larger token', async () => {
      await enqueue('job_1');
      const first = await claimed();
      await queue.complete(first);
      await enqueue('job_1');
      const second = await claimed();
      expect(second.jobId).toBe('job_1');
      expect(second.token).toBeGreaterThan(first.token);
    });

    it('gives an expired lease to another worker with a larger token and the next attempt', async () => {
      await enqueue('job_1');
      const first = await claimed('w1');
      expect(first.attempt).toBe(1);
      await subject.advance(1_100);
      const second = await claimed('w2');
      expect(second).toMatchObject({ jobId: 'job_1', attempt: 2 });
      expect(second.token).toBeGreaterThan(first.token);
    });

    it('refuses everything under a lease that went to another worker', async () => {
      await enqueue('job_1');
      const first = await claimed('w1');
      await subject.advance(1_100);
      const second = await claimed('w2');
      expect(await queue.heartbeat(first, 1_000)).toBe('lost');
      expect(await queue.complete(first)).toBe(false);
      expect(await queue.retry(first)).toBe(false);
      expect(await queue.release(first)).toBe(false);
      expect(await queue.heartbeat(second, 1_000)).toBe('held');
      expect(await queue.complete(second)).toBe(true);
    });

    it('refuses everything under a lease that expired, though nobody took the job yet', async () => {
      await enqueue('job_1');
      const lease = await claimed();
      await subject.advance(1_100);
      expect(await queue.heartbeat(lease, 1_000)).toBe('lost');
      expect(await queue.complete(lease)).toBe(false);
      expect(await queue.retry(lease)).toBe(false);
      expect(await queue.release(lease)).toBe(false);
      expect((await claimed('w2')).jobId).toBe('job_1');
    });

    it('keeps a lease that is renewed', async () => {
      await enqueue('job_1');
      const lease = await claimed();
      for (let i = 0; i < 3; i++) {
        await subject.advance(600);
        expect(await queue.heartbeat(lease, 1_000)).toBe('held');
      }
      expect(await claim('w2')).toBeNull();
      expect(await queue.complete(lease)).toBe(true);
      expect(await queue.complete(lease)).toBe(false);
    });

    it('retries after the delay, as the next attempt, ahead of later arrivals', async () => {
      await enqueue('job_1');
      await enqueue('job_2');
      expect(await queue.retry(await claimed(), 500)).toBe(true);
      const other = await claimed();
      expect(other.jobId).toBe('job_2');
      await queue.release(other);
      await subject.advance(600);
      expect(await claimed()).toMatchObject({ jobId: 'job_1', attempt: 2 });
    });

    it('releases without counting an attempt', async () => {
      await enqueue('job_1');
      const first = await claimed();
      expect(await queue.release(first)).toBe(true);
      const second = await claimed();
      expect(second).toMatchObject({ jobId: 'job_1', attempt: 1 });
      expect(second.token).toBeGreaterThan(first.token);
      expect(await queue.complete(first)).toBe(false);
    });

    it('counts a claim that was lost like one that was retried, and none that was released', async () => {
      await enqueue('job_1');
      await queue.retry(await claimed());
      await claimed('lost');
      await subject.advance(1_100);
      const third = await claimed();
      expect(third.attempt).toBe(3);
      await queue.release(third);
      await claimed('lost');
      await subject.advance(1_100);
      expect((await claimed()).attempt).toBe(4);
    });

    it('cancels a waiting job at once', async () => {
      await enqueue('job_1');
      expect(await queue.cancel('job_1')).toBe('removed');
      expect(await claim()).toBeNull();
      expect(await queue.cancel('job_1')).toBe('absent');
    });

    it('tells the holder of a leased job at its next heartbeat', async () => {
      await enqueue('job_1');
      const lease = await claimed();
      expect(await queue.cancel('job_1')).toBe('signalled');
      expect(await queue.heartbeat(lease, 1_000)).toBe('cancelled');
      expect(await queue.complete(lease)).toBe(true);
      expect(await queue.cancel('job_1')).toBe('absent');
    });

    it('cancels a job whose holder vanished', async () => {
      await enqueue('job_1');
      await claimed();
      await subject.advance(1_100);
      expect(await queue.cancel('job_1')).toBe('removed');
      expect(await claim('w2')).toBeNull();
    });

    const drain = async (): Promise<string[]> => {
      const order = [];
      for (let lease = await claim(); lease !== null; lease = await claim()) {
        order.push(lease.jobId);
        await queue.complete(lease);
      }
      return order;
    };
    const submit = (submitter: string, jobId: string, priority = 0) =>
      queue.enqueue({ jobId, queue: 'device.a', submitter, priority });

    it('lets submitters take turns, however many jobs one of them has put in first', async () => {
      for (const jobId of ['a1', 'a2', 'a3', 'a4']) await submit('ada', jobId);
      for (const jobId of ['b1', 'b2']) await submit('bob', jobId);
      await submit('eve', 'e1');
      expect(await drain()).toEqual(['a1', 'b1', 'e1', 'a2', 'b2', 'a3', 'a4']);
    });

    it('gives a submitter that comes late the next turn, and none of those it did not use', async () => {
      for (const jobId of ['a1', 'a2', 'a3', 'a4', 'a5']) await submit('ada', jobId);
      for (const expected of ['a1', 'a2']) {
        const lease = await claimed();
        expect(lease.jobId).toBe(expected);
        await queue.complete(lease);
      }
      for (const jobId of ['b1', 'b2', 'b3']) await submit('bob', jobId);
      expect(await drain()).toEqual(['b1', 'a3', 'b2', 'a4', 'b3', 'a5']);
    });

    it('does not favour one who submits a job whenever its last is done', async () => {
      for (const jobId of ['a1', 'a2', 'a3']) await submit('ada', jobId);
      await submit('bob', 'b1');
      const order: string[] = [];
      for (let lease = await claim(); lease !== null; lease = await claim()) {
        order.push(lease.jobId);
        await queue.complete(lease);
        if (lease.jobId.startsWith('b') && lease.jobId !== 'b3')
          await submit('bob', `b${Number(lease.jobId[1]) + 1}`);
      }
      expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
    });

    it('lets nobody take turns with those of a higher priority', async () => {
      await submit('ada', 'a-low', -100);
      await submit('bob', 'b1', 100);
      await submit('bob', 'b2', 100);
      await submit('ada', 'a-high', 100);
      expect(await drain()).toEqual(['b1', 'a-high', 'b2', 'a-low']);
    });

    it('goes on counting the attempts of a job that an earlier queue forgot', async () => {
      await queue.enqueue({ jobId: 'job_1', queue: 'device.a', attempts: 2 });
      const lease = await claimed();
      expect(lease.attempt).toBe(3);
      await queue.release(lease);
      expect((await claimed()).attempt).toBe(3);
    });

    it('knows what waits, is held, or waits for its next attempt, and of no other job', async () => {
      for (const jobId of ['later', 'held', 'done', 'idle']) await enqueue(jobId);
      await queue.retry(await claimed(), 60_000);
      await claimed();
      await queue.complete(await claimed());
      const asked = ['later', 'held', 'done', 'idle', 'never'];
      const unknown = () => queue.unknown(asked.map((jobId) => ({ jobId, queue: 'device.a' })));
      expect(await unknown()).toEqual(['done', 'never']);
      await subject.advance(1_100);
      expect(await unknown()).toEqual(['done', 'never']);
      await queue.cancel('idle');
      expect(await unknown()).toEqual(['done', 'idle', 'never']);
      expect(await queue.unknown([])).toEqual([]);
      const many = Array.from({ length: 2_500 }, (_, i) => `job_${i}`);
      for (const jobId of ['job_0', 'job_999', 'job_2400']) await enqueue(jobId);
      expect(await queue.unknown(many.map((jobId) => ({ jobId, queue: 'device.a' })))).toEqual(
        many.filter((jobId) => !['job_0', 'job_999', 'job_2400'].includes(jobId)),
      );
    });

    it('counts what waits and what is held', async () => {
      for (const jobId of ['job_1', 'job_2', 'job_3']) await enqueue(jobId);
      await queue.enqueue({ jobId: 'job_4', queue: 'train' });
      await claimed();
      expect(await queue.depth()).toEqual(
        new Map([
          ['device.a', { waiting: 2, leased: 1 }],
          ['train', { waiting: 1, leased: 0 }],
        ]),
      );
      await subject.advance(1_100);
      expect((await queue.depth()).get('device.a')).toEqual({ waiting: 3, leased: 0 });
    });
  });

  describe(`${name}: several processes`, () => {
    let subject: QueueUnderTest;
    const children: ChildProcess[] = [];
    /** A claimer that is ready to begin, with the lines it will print. */
    const start = async (worker: string, leaseMs: number, mode: 'drain' | 'hold') => {
      const args = [...subject.claimer, 'device.a', worker, String(leaseMs), mode];
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(child);
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe('ready');
      return { child, lines, begin: () => child.stdin.end() };
    };

    beforeEach(async () => {
      subject = await open('real');
    });
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
      await subject.close();
    });

    it('never gives one job to two of four claiming processes', async () => {
      const ids = Array.from({ length: 1_000 }, (_, i) => `job_${i}`);
      for (const jobId of ids) await subject.queue.enqueue({ jobId, queue: 'device.a' });
      const claimers = await Promise.all(
        ['w1', 'w2', 'w3', 'w4'].map((worker) => start(worker, 60_000, 'drain')),
      );
      for (const { begin } of claimers) begin();
      const claims = await Promise.all(claimers.map(({ lines }) => rest(lines)));
      expect(claims.filter((own) => own.length > 0).length).toBeGreaterThan(1);
      expect(claims.flat().toSorted()).toEqual(ids.toSorted());
      for (const { child } of claimers) expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0);
      expect(await subject.queue.depth()).toEqual(new Map());
    });

    it('gives the job of a process killed with SIGKILL to another once its lease has run out', async () => {
      await subject.queue.enqueue({ jobId: 'job_1', queue: 'device.a' });
      const holder = await start('w1', 500, 'hold');
      holder.begin();
      expect((await holder.lines.next()).value).toBe('job_1');
      holder.child.kill('SIGKILL');
      let lease: Lease | null = null;
      while (lease === null) {
        lease = await subject.queue.claim(['device.a'], 'w2', 1_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(lease).toMatchObject({ jobId: 'job_1', attempt: 2 });
    });
  });
}

async function rest(lines: AsyncIterator<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for (let next = await lines.next(); !next.done; next = await lines.next()) all.push(next.value);
  return all;
}
