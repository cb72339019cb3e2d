import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { type OpenQueue, openQueue } from '../../queue/open-queue.js';
import { cancelJob } from '../../services/lease/cancel-job.js';
import { keepQueueTold } from '../../services/lease/keep-queue-told.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { requeueUnfinished } from '../../services/lease/requeue-unfinished.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { cuttableLink } from '../support/cuttable-link.js';
import { freePort, type RedisServer, startRedis } from '../support/redis-server.js';
import { carryOut, expectWork, measureJob } from './lease-world.js';

const DENSE = 'dense:64>10:f32';
const quiet = pino({ level: 'silent' });

describe('a Redis that forgets', () => {
  let redis: RedisServer;
  let directory: string;
  let db: ReturnType<typeof openDatabase>;
  let opened: OpenQueue;
  let jobs: JobRepository;
  let stop: AbortController;
  let telling: Promise<void>;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    directory = temporaryDirectory();
    db = openDatabase(`${directory}/lutra.db`);
    jobs = new JobRepository(db);
    new DeviceRepository(db).register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
    opened = await openQueue(db, redis.url, () => undefined);
    stop = new AbortController();
    telling = keepQueueTold(db, opened.queue, quiet, stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await telling;
    await opened.close();
    db.close();
  });

  const source = (queue = opened.queue) =>
    new LocalLeaseSource({
      db,
      queue,
      blobs: new BlobStore(directory),
      worker: 'w',
      capabilities: { device: 'local', hasDataset: null },
      leaseMs: 2_000,
    });
  const submit = (queue = opened.queue) =>
    submitJob(db, queue, measureJob({ ops: [DENSE], remeasure: true }));
  /** Claims and completes until all jobs are finished; returns who was done. */
  async function finishAll(): Promise<string[]> {
    const done: string[] = [];
    while (jobs.unfinished().length > 0) {
      const work = await source().claim();
      if (work === null) await sleep(20);
      else if (work.kind === 'measure') {
        const answer = await source().complete(work.lease, {
          kind: 'measure',
          report: carryOut(work.plan),
        });
        if (answer === 'committed') done.push(work.lease.jobId);
      }
    }
    return done;
  }

  /** The queue was told all there was at the start: what comes later is not told by chance. */
  async function firstTold(): Promise<void> {
    const { id } = jobs.create(measureJob({ ops: [DENSE], remeasure: true }));
    expect(await finishAll()).toEqual([id]);
  }

  it('is told of every unfinished job again, in order, and none is done twice', async () => {
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push((await submit()).id);
    const held = expectWork(await source().claim(), 'measure');
    await redis.restart();
    const done = await finishAll();
    expect(done.toSorted()).toEqual(ids.toSorted());
    expect(await source().complete(held.lease, { kind: 'measure', report: carryOut(held.plan) })).not.toBe(
      'retried',
    );
    expect(db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(20);
  });

  it('gives larger tokens than before, and does not count the attempt that it cut short', async () => {
    const { id } = await submit();
    const before = expectWork(await source().claim(), 'measure');
    await redis.restart();
    let after = await source().claim();
    while (after === null) {
      // The row still shows the device as held, until that lease has run out.
      await sleep(50);
      after = await source().claim();
    }
    expect(after.lease).toMatchObject({ jobId: id, attempt: 1 });
    expect(after.lease.token).toBeGreaterThan(before.lease.token);
    expect(await source().complete(before.lease, { kind: 'measure', report: carryOut(before.plan) })).toBe(
      'lost',
    );
  });

  it('loses no job that was accepted while it was away, and no wish to cancel one', async () => {
    const first = await submit();
    await redis.kill();
    const second = await submit();
    const third = await submit();
    expect((await cancelJob(db, opened.queue, third.id)).cancelRequested).toBe(true);
    await redis.start();
    expect((await finishAll()).toSorted()).toEqual([first.id, second.id].toSorted());
    expect(jobs.get(third.id).outcome).toBe('cancelled');
  });

  it('does not stand in the way of a result while it is away', async () => {
    const { id } = await submit();
    const work = expectWork(await source().claim(), 'measure');
    await redis.kill();
    expect(await source().complete(work.lease, { kind: 'measure', report: carryOut(work.plan) })).toBe(
      'committed',
    );
    expect(jobs.get(id).outcome).toBe('ok');
    await redis.start();
    expect(await finishAll()).toEqual([]);
  });

  it('loses no job that was accepted while it refused to write, though every link stayed', async () => {
    await firstTold();
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory', '1');
    const { id } = await submit();
    expect(await opened.queue.unknown([{ jobId: id, queue: 'device.local' }])).toEqual([id]);
    await client.config('SET', 'maxmemory', '0');
    client.disconnect();
    expect(await finishAll()).toEqual([id]);
  });

  it('loses no job that was accepted while it did not answer', async () => {
    await firstTold();
    redis.pause();
    const { id } = await submit();
    redis.goOn();
    expect(await finishAll()).toEqual([id]);
  }, 30_000);

  it('loses no job of a process whose own link was down', async () => {
    await firstTold();
    const cutOff = await openQueue(db, `redis://127.0.0.1:${await freePort()}`, () => undefined);
    const { id } = await submit(cutOff.queue);
    await cutOff.close();
    expect(await finishAll()).toEqual([id]);
  });

  it('is reached again, by a new link, when the old one died without a word', async () => {
    const link = await cuttableLink(redis.port);
    const linked = await openQueue(db, `redis://127.0.0.1:${link.port}`, () => undefined);
    expect(await linked.queue.unknown([{ jobId: 'job_x', queue: 'q' }])).toEqual(['job_x']);
    link.forsake();
    const isReached = () =>
      linked.queue.unknown([{ jobId: 'job_x', queue: 'q' }]).then(
        () => true,
        () => false,
      );
    expect(await isReached()).toBe(false);
    while (!(await isReached())) await sleep(50);
    await linked.close();
    await link.close();
  }, 60_000);

  it('takes no result from whoever held the job, as long as nobody else took it', async () => {
    const { id } = await submit();
    const work = expectWork(await source().claim(), 'measure');
    await redis.restart();
    expect(await source().complete(work.lease, { kind: 'measure', report: carryOut(work.plan) })).toBe(
      'committed',
    );
    expect(await finishAll()).toEqual([]);
    expect(jobs.get(id)).toMatchObject({ outcome: 'ok', attempts: 1 });
  });

  it('keeps two databases apart, and gives way to the embedded queue without a job lost or fenced off', async () => {
    const otherDb = openDatabase(`${temporaryDirectory()}/lutra.db`);
    const other = await openQueue(otherDb, redis.url, () => undefined);
    const { id } = await submit();
    await expect
      .poll(() => opened.queue.depth())
      .toEqual(new Map([['device.local', { waiting: 1, leased: 0 }]]));
    expect(await other.queue.claim(['device.local'], 'w', 1_000)).toBeNull();
    await other.close();
    otherDb.close();

    const { lease } = expectWork(await source().claim(), 'measure');
    await source().release(lease);
    const embedded = await openQueue(db, undefined, () => undefined);
    await requeueUnfinished(db, embedded.queue);
    const again = expectWork(await source(embedded.queue).claim(), 'measure');
    expect(again.lease.jobId).toBe(id);
    expect(again.lease.token).toBeGreaterThan(lease.token);
  });
});
