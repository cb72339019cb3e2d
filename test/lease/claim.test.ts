import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { anchorNetwork } from '../../core/measurement/anchor.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { openDatabase } from '../../db/open-database.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { cancelJob } from '../../services/lease/cancel-job.js';
import { requeueUnfinished } from '../../services/lease/requeue-unfinished.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { ENVIRONMENT, MOVED, sessionReport } from '../db/session-report.js';
import {
  carryOut,
  expectWork,
  LEASE_MS,
  type LeaseWorld,
  leaseWorld,
  measureJob,
  trainJob,
} from './lease-world.js';

const DENSE = 'dense:64>10:f32';
const POOL = 'globalAvgPool:7x7x64:f32';
const NETWORK = buildZooNetwork('mobilenet-v3-tiny', {});

describe('claiming', () => {
  let world: LeaseWorld;
  const commit = (ops: Record<string, number>, environment = ENVIRONMENT) =>
    new MeasurementRepository(world.db).commitSession({
      deviceName: 'local',
      jobId: null,
      report: sessionReport({ ops, environment }),
    });

  beforeEach(() => {
    world = leaseWorld();
    return () => world.db.close();
  });

  it('finds nothing in an empty queue', async () => {
    expect(await world.source('w1').claim()).toBeNull();
  });

  it('turns a measure job into a plan: the anchor, networks, and ops that the table lacks', async () => {
    commit({ [POOL]: 2_000 });
    const { id } = await world.submit(
      measureJob({ networks: [NETWORK, NETWORK], ops: [POOL, DENSE, DENSE] }),
    );
    const { plan, lease } = expectWork(await world.source('w1').claim(), 'measure');
    const hash = contentHash(NETWORK);
    const anchor = anchorNetwork();
    expect(plan).toEqual({
      runtime: 'fake',
      threads: 1,
      dtype: 'float32',
      seed: plan.seed,
      protocol: DEFAULT_PROTOCOL,
      channelStep: ENVIRONMENT.channelStep,
      runtimeOptions: { noise: 0 },
      subjects: [
        { kind: 'anchor', id: 'anchor', networkHash: contentHash(anchor), network: anchor },
        { kind: 'network', id: `network:${hash}`, networkHash: hash, network: NETWORK },
        { kind: 'op', id: `op:${DENSE}`, key: DENSE },
      ],
    });
    expect(Number.isInteger(plan.seed)).toBe(true);
    expect(lease).toMatchObject({ jobId: id, attempt: 1 });
    expect(world.jobs.get(id)).toMatchObject({ status: 'leased', worker: 'w1', leaseToken: lease.token });
  });

  it('measures every op again when asked to, and in an environment that has none of them', async () => {
    commit({ [POOL]: 2_000, [DENSE]: 4_000 });
    await world.submit(measureJob({ ops: [POOL, DENSE, POOL], remeasure: true }));
    const again = expectWork(await world.source('w1').claim(), 'measure');
    expect(again.plan.subjects.map(({ id }) => id)).toEqual(['anchor', `op:${POOL}`, `op:${DENSE}`]);
    await world.source('w1').fail(again.lease, { outcome: 'crashed', message: 'enough', retry: false });
    world.devices.setEnvironment('local', { ...ENVIRONMENT, threads: 2 });
    await world.submit(measureJob({ ops: [POOL] }));
    const elsewhere = expectWork(await world.source('w1').claim(), 'measure').plan.subjects;
    expect(elsewhere.map(({ id }) => id)).toEqual(['anchor', `op:${POOL}`]);
  });

  it('answers from the table when nothing is left to measure, and goes on to the next job', async () => {
    commit({ [POOL]: 2_000 });
    const known = await world.submit(measureJob({ ops: [POOL] }));
    const next = await world.submit(trainJob());
    expect(expectWork(await world.source('w1').claim(), 'train').lease.jobId).toBe(next.id);
    const ms = 0.002;
    expect(world.jobs.get(known.id)).toMatchObject({
      status: 'finished',
      outcome: 'ok',
      result: {
        kind: 'measure',
        sessionId: null,
        latencyMs: null,
        networks: [],
        ops: [
          {
            key: POOL,
            latencyMs: ms,
            interval: { lowMs: ms, highMs: ms, level: 0.95 },
            verdict: 'trusted',
            source: 'table',
            failure: null,
          },
        ],
      },
    });
    expect((await world.queue.depth()).get('device.local')).toBeUndefined();
  });

  it('hands a train job out as it was submitted', async () => {
    const job = trainJob();
    await world.submit(job);
    expect(expectWork(await world.source('w1').claim(), 'train').payload).toEqual(job.payload);
  });

  it('leaves the jobs of a draining device, and takes them up when it resumes', async () => {
    await world.submit(measureJob({ ops: [DENSE] }));
    world.devices.drain('local');
    expect(await world.source('w1').claim()).toBeNull();
    world.devices.resume('local');
    expectWork(await world.source('w1').claim(), 'measure');
  });

  it('shows that the device is alive, without writing at every poll', async () => {
    const source = world.source('w1');
    await source.claim();
    const first = world.clock.nowMs;
    expect(world.devices.get('local').lastSeenAtMs).toBe(first);
    world.clock.nowMs += 1_000;
    await source.claim();
    expect(world.devices.get('local').lastSeenAtMs).toBe(first);
    world.clock.nowMs += 4_000;
    await source.claim();
    expect(world.devices.get('local').lastSeenAtMs).toBe(first + 5_000);
  });

  it('takes up a job that was stored but never enqueued', async () => {
    const { id } = world.jobs.create(measureJob({ ops: [DENSE] }));
    expect(await world.source('w1').claim()).toBeNull();
    expect(await requeueUnfinished(world.db, world.queue)).toBe(1);
    expect(await requeueUnfinished(world.db, world.queue)).toBe(0);
    expect((await world.source('w1').claim())?.lease.jobId).toBe(id);
    expect(await world.source('w1').claim()).toBeNull();
  });

  it('accepts a job while the queue inside the database stays locked, and ends one likewise', async () => {
    const other = openDatabase(world.db.name, 0);
    const lockedQueue = new SqliteJobQueue(other, () => world.clock.nowMs);
    /** The rows can be written, under the lock that the queue finds taken. */
    const locked = async <T>(work: () => Promise<T>): Promise<T> => {
      world.db.exec('BEGIN IMMEDIATE');
      await expect(lockedQueue.enqueue({ jobId: 'job_x', queue: 'q' })).rejects.toThrow('locked');
      const answer = await work();
      world.db.exec('COMMIT');
      return answer;
    };
    const { id } = await locked(() => submitJob(world.db, lockedQueue, measureJob({ ops: [DENSE] })));
    expect(world.jobs.get(id).status).toBe('queued');
    expect(await world.source('w1').claim()).toBeNull();
    expect(await requeueUnfinished(world.db, world.queue)).toBe(1);
    const { lease, plan } = expectWork(await world.source('w1').claim(), 'measure');
    const source = world.source('w1', undefined, lockedQueue);
    const report = carryOut(plan);
    expect(await locked(() => source.complete(lease, { kind: 'measure', report }))).toBe('committed');
    world.clock.nowMs += LEASE_MS + 1;
    expect(await world.source('w1').claim()).toBeNull();
    expect(await world.queue.depth()).toEqual(new Map());
    expect(world.jobs.events(id, 0).filter(({ type }) => type === 'finished')).toHaveLength(1);
    other.close();
  });

  it('accepts a job whose row was the last that the disk had room for', async () => {
    const full = openDatabase(world.db.name);
    full.pragma('max_page_count = 1');
    const fullQueue = new SqliteJobQueue(full, () => world.clock.nowMs);
    const fill = async () => {
      for (let i = 0; i < 10_000; i++) await fullQueue.enqueue({ jobId: `job_x${i}`, queue: 'device.other' });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    const { id } = await submitJob(world.db, fullQueue, measureJob({ ops: [DENSE] }));
    expect(await world.source('w1').claim()).toBeNull();
    expect(await requeueUnfinished(world.db, world.queue)).toBe(1);
    expect((await world.source('w1').claim())?.lease.jobId).toBe(id);
    full.close();
  });

  it('drops a queue entry whose job is finished or unknown', async () => {
    const { id } = await world.submit(measureJob({ ops: [DENSE] }));
    world.jobs.finish(id, { outcome: 'cancelled' });
    await world.queue.enqueue({ jobId: 'job_unknown', queue: 'train' });
    expect(await world.source('w1').claim()).toBeNull();
    expect(await world.queue.depth()).toEqual(new Map());
  });

  it('gives up on a job that lost its worker in every attempt, with the cause', async () => {
    const { id } = await world.submit(measureJob({ ops: [DENSE] }));
    for (const worker of ['w1', 'w2', 'w3']) {
      expect((await world.source(worker).claim())?.lease.jobId).toBe(id);
      world.clock.nowMs += LEASE_MS + 1;
    }
    expect(await world.source('w4').claim()).toBeNull();
    expect(world.jobs.get(id)).toMatchObject({
      status: 'finished',
      outcome: 'abandoned',
      message: `gave up after 3 workers lost in a row: 'w3' stopped renewing its lease`,
      attempts: 3,
    });
    expect(await world.queue.depth()).toEqual(new Map());
  });

  describe('and losing workers', () => {
    let id: string;
    let claims: number;
    beforeEach(async () => {
      id = (await world.submit(measureJob({ networks: [NETWORK] }))).id;
      claims = 0;
    });

    const claim = async () => {
      const source = world.source(`w${++claims}`);
      return { source, ...expectWork(await source.claim(), 'measure') };
    };
    const lose = async () => {
      await claim();
      world.clock.nowMs += LEASE_MS + 1;
    };
    const disturb = async () => {
      const { source, lease, plan } = await claim();
      await source.complete(lease, { kind: 'measure', report: carryOut(plan, { observations: MOVED }) });
      world.clock.nowMs += 5_000;
    };

    it('goes on after one, however often the job was disturbed before', async () => {
      await disturb();
      await disturb();
      await lose();
      const { source, lease, plan } = await claim();
      await source.complete(lease, { kind: 'measure', report: carryOut(plan) });
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'ok', attempts: 4 });
    });

    it('leaves a job its three sessions, however many workers were lost in between', async () => {
      for (let session = 1; session <= 3; session++) {
        await lose();
        await lose();
        expect(world.jobs.get(id).outcome).toBeNull();
        await disturb();
      }
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'unstable', attempts: 9 });
    });

    it('gives up after three in a row, whatever came before them', async () => {
      await lose();
      await lose();
      const { source, lease } = await claim();
      await source.release(lease);
      for (let lost = 1; lost <= 3; lost++) await lose();
      expect(await world.source('w7').claim()).toBeNull();
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'abandoned', attempts: 5 });
    });
  });

  describe('and cancelling', () => {
    it('ends a waiting job at once', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      expect(await cancelJob(world.db, world.queue, id)).toMatchObject({
        status: 'finished',
        outcome: 'cancelled',
      });
      expect(await world.source('w1').claim()).toBeNull();
      await expect(cancelJob(world.db, world.queue, id)).rejects.toMatchObject({ code: 'conflict' });
      await expect(cancelJob(world.db, world.queue, 'job_x')).rejects.toMatchObject({ code: 'not-found' });
    });

    it('tells the worker, which confirms', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const source = world.source('w1');
      const { lease } = expectWork(await source.claim(), 'measure');
      expect(await source.heartbeat(lease)).toBe('held');
      expect(await cancelJob(world.db, world.queue, id)).toMatchObject({
        status: 'running',
        cancelRequested: true,
      });
      expect(await source.heartbeat(lease)).toBe('cancelled');
      await source.cancelled(lease);
      expect(world.jobs.get(id)).toMatchObject({ status: 'finished', outcome: 'cancelled' });
      expect(await world.queue.depth()).toEqual(new Map());
    });

    it('that nobody asked for hands the work back, unharmed', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const source = world.source('w1');
      const { lease } = expectWork(await source.claim(), 'measure');
      expect(await source.cancelled(lease)).toBe('retried');
      expect(await source.cancelled(lease)).toBe('lost');
      expect(world.jobs.get(id)).toMatchObject({ status: 'queued', outcome: null, attempts: 0 });
      expect(expectWork(await source.claim(), 'measure').lease).toMatchObject({ jobId: id, attempt: 1 });
    });

    it('reaches the worker through the row, though the queue was never told', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const source = world.source('w1');
      const { lease } = expectWork(await source.claim(), 'measure');
      world.jobs.requestCancel(id);
      expect(await source.heartbeat(lease)).toBe('cancelled');
    });

    it('is not undone by a worker that dies before it confirms', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      await world.source('w1').claim();
      await cancelJob(world.db, world.queue, id);
      world.clock.nowMs += LEASE_MS + 1;
      expect(await world.source('w2').claim()).toBeNull();
      expect(world.jobs.get(id)).toMatchObject({ status: 'finished', outcome: 'cancelled' });
    });

    it('fences off a worker whose lease had run out when the job was cancelled', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const source = world.source('w1');
      const { lease, plan } = expectWork(await source.claim(), 'measure');
      world.clock.nowMs += LEASE_MS + 1;
      expect((await cancelJob(world.db, world.queue, id)).outcome).toBe('cancelled');
      expect(await source.complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe('lost');
      expect(world.db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(0);
    });
  });
});
