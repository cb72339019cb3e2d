import { beforeEach, describe, expect, it } from 'vitest';
import type { TrainResult } from '../../contracts/job.js';
import type { SubjectFailure } from '../../contracts/measurement.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { MOVED } from '../db/session-report.js';
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

describe('under a lease', () => {
  let world: LeaseWorld;
  let source: LocalLeaseSource;

  beforeEach(() => {
    world = leaseWorld();
    source = world.source('w1');
    return () => world.db.close();
  });

  const claim = async (from = source) => expectWork(await from.claim(), 'measure');
  const count = (table: string) => world.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  const everything = () =>
    ['job', 'job_event', 'session', 'probe', 'measurement', 'latency_entry', 'environment'].map((table) =>
      world.db.prepare(`SELECT * FROM ${table}`).all(),
    );

  describe('a result', () => {
    it('ends the job, fills the table and leaves the queue', async () => {
      const { id } = await world.submit(measureJob({ networks: [NETWORK], ops: [DENSE] }));
      const { lease, plan } = await claim();
      await source.heartbeat(lease, { done: 1, total: 2 });
      expect(await source.complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe('committed');
      const job = world.jobs.get(id);
      expect(job).toMatchObject({
        status: 'finished',
        outcome: 'ok',
        message: null,
        result: { sessionId: 1, latencyMs: 0.3, verdict: 'trusted', ops: [{ key: DENSE, latencyMs: 0.004 }] },
      });
      expect(world.jobs.events(id, 0).map(({ type }) => type)).toEqual([
        'queued',
        'leased',
        'progress',
        'finished',
      ]);
      const environmentId = world.devices.get('local').environmentId!;
      expect(world.tables.lookup(environmentId, [DENSE]).get(DENSE)?.latencyNs).toBe(4_000);
      expect(await world.queue.depth()).toEqual(new Map());
    });

    it('that comes twice is counted once', async () => {
      await world.submit(measureJob({ ops: [DENSE] }));
      const { lease, plan } = await claim();
      const report = carryOut(plan);
      expect(await source.complete(lease, { kind: 'measure', report })).toBe('committed');
      const stored = everything();
      expect(await source.complete(lease, { kind: 'measure', report })).toBe('committed');
      expect(await source.fail(lease, { outcome: 'crashed', message: 'late', retry: true })).toBe(
        'committed',
      );
      expect(everything()).toEqual(stored);
    });

    it('under a lease that went to another worker is refused, and nothing of it stored', async () => {
      await world.submit(measureJob({ ops: [DENSE] }));
      const first = await claim();
      world.clock.nowMs += LEASE_MS + 1;
      const other = world.source('w2');
      const second = await claim(other);
      const before = everything();
      const report = { kind: 'measure' as const, report: carryOut(first.plan) };
      expect(await source.heartbeat(first.lease, { done: 9, total: 9 })).toBe('lost');
      expect(await source.complete(first.lease, report)).toBe('lost');
      expect(await source.fail(first.lease, { outcome: 'crashed', message: 'x', retry: false })).toBe('lost');
      await source.release(first.lease);
      await source.cancelled(first.lease);
      const noted = world.jobs.events(first.lease.jobId, 0).filter(({ type }) => type === 'refused');
      expect(noted.map(({ data }) => data.what)).toEqual(['result', 'failure']);
      world.db.exec("DELETE FROM job_event WHERE type = 'refused'");
      expect(everything()).toEqual(before);
      expect(await other.complete(second.lease, report)).toBe('committed');
      expect(count('session')).toBe(1);
    });

    it('under a lease that ran out counts when nobody took the job, and the job is not done again', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const { lease, plan } = await claim();
      world.clock.nowMs += LEASE_MS + 1;
      expect(await source.complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe('committed');
      expect(await world.source('w2').claim()).toBeNull();
      expect(await world.queue.depth()).toEqual(new Map());
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'ok', attempts: 1 });
      expect(count('session')).toBe(1);
    });

    it('under a lease that ran out is refused when the device has had another job since', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const first = await claim();
      world.clock.nowMs += LEASE_MS + 1;
      await world.submit(measureJob({ ops: [POOL] }, 5));
      const other = await claim(world.source('w2'));
      expect(other.lease.jobId).not.toBe(id);
      const report = { kind: 'measure' as const, report: carryOut(first.plan) };
      expect(await source.complete(first.lease, report)).toBe('lost');
      await world.source('w2').complete(other.lease, { kind: 'measure', report: carryOut(other.plan) });
      expect(await source.complete(first.lease, report)).toBe('lost');
      const again = await claim(world.source('w2'));
      expect(again.lease).toMatchObject({ jobId: id, attempt: 2 });
      expect(await source.complete(again.lease, report)).toBe('committed');
    });

    it.each(['cancelled', 'abandoned'] as const)(
      'of a job that was %s meanwhile is refused',
      async (outcome) => {
        const { id } = await world.submit(measureJob({ ops: [DENSE] }));
        const { lease, plan } = await claim();
        world.clock.nowMs += LEASE_MS + 1;
        world.jobs.finish(id, { outcome });
        expect(await source.complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe('lost');
        expect(count('session')).toBe(0);
      },
    );

    it('under a lease that was handed back is refused', async () => {
      await world.submit(measureJob({ ops: [DENSE] }));
      const { lease, plan } = await claim();
      await source.release(lease);
      expect(await source.complete(lease, { kind: 'measure', report: carryOut(plan) })).toBe('lost');
      expect(count('session')).toBe(0);
    });

    it('is taken up by the row when the process died before it told the queue', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const { lease, plan } = await claim();
      const died = new Error('died');
      const deaf: JobQueue = Object.assign(Object.create(world.queue) as JobQueue, {
        complete: () => Promise.reject(died),
      });
      const dying = new LocalLeaseSource({
        db: world.db,
        queue: deaf,
        blobs: world.blobs,
        worker: 'w1',
        capabilities: { device: null, hasDataset: null },
        leaseMs: LEASE_MS,
        now: () => world.clock.nowMs,
      });
      await expect(dying.complete(lease, { kind: 'measure', report: carryOut(plan) })).rejects.toBe(died);
      expect(world.jobs.get(id).outcome).toBe('ok');
      world.clock.nowMs += LEASE_MS + 1;
      expect(await world.source('w2').claim()).toBeNull();
      expect(await world.queue.depth()).toEqual(new Map());
      expect(world.jobs.get(id).outcome).toBe('ok');
      expect(count('session')).toBe(1);
    });

    it('of the wrong kind is refused', async () => {
      await world.submit(trainJob());
      const { lease } = expectWork(await source.claim(), 'train');
      const report = carryOut({ ...(await planOf()), seed: 1 });
      await expect(source.complete(lease, { kind: 'measure', report })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(count('session')).toBe(0);
      expect(await source.heartbeat(lease)).toBe('held');
    });

    const planOf = async () => {
      await world.submit(measureJob({ ops: [POOL] }));
      return (await claim()).plan;
    };
  });

  describe('the outcome of a measure job', () => {
    const endOf = async (payload: Parameters<typeof measureJob>[0], failed: readonly string[]) => {
      const { id } = await world.submit(measureJob(payload));
      const { lease, plan } = await claim();
      const failures = plan.subjects
        .filter((subject) => failed.some((name) => subject.id.startsWith(name)))
        .map(
          ({ id }): SubjectFailure => ({ subjectId: id, kind: 'timeout', message: `${id.slice(0, 7)} hung` }),
        );
      await source.complete(lease, { kind: 'measure', report: carryOut(plan, { failures }) });
      const { outcome, message } = world.jobs.get(id);
      return { outcome, message };
    };

    it('is how its network failed', async () => {
      expect(await endOf({ networks: [NETWORK], ops: [DENSE] }, ['network:'])).toEqual({
        outcome: 'timeout',
        message: 'network hung',
      });
    });

    it('is ok when the network was measured, though an op failed', async () => {
      expect(await endOf({ networks: [NETWORK], ops: [DENSE, POOL] }, ['op:dense'])).toEqual({
        outcome: 'ok',
        message: '1 of 2 ops failed: op:dens hung',
      });
    });

    it('is ok when one of its ops was measured', async () => {
      expect((await endOf({ ops: [DENSE, POOL] }, ['op:dense'])).outcome).toBe('ok');
    });

    it('is how its first op failed when none was measured', async () => {
      expect(await endOf({ ops: [DENSE, POOL] }, ['op:'])).toEqual({
        outcome: 'timeout',
        message: 'op:dens hung',
      });
    });

    it('is unstable after three rejected sessions, which are all kept', async () => {
      const { id } = await world.submit(measureJob({ networks: [NETWORK] }));
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { lease, plan } = await claim();
        expect(lease.attempt).toBe(attempt);
        const report = carryOut(plan, { observations: MOVED });
        expect(await source.complete(lease, { kind: 'measure', report })).toBe('committed');
        if (attempt < 3) expect(world.jobs.get(id)).toMatchObject({ status: 'queued', outcome: null });
        expect(await source.claim()).toBeNull();
        world.clock.nowMs += 2_000;
      }
      expect(world.jobs.get(id)).toMatchObject({
        outcome: 'unstable',
        message: 'the session was rejected: see its checks',
        result: { latencyMs: 0.3, verdict: 'rejected' },
      });
      expect(world.db.prepare('SELECT DISTINCT job_id FROM session').pluck().all()).toEqual([id]);
      expect(count('session')).toBe(3);
    });

    it('is ok when an attempt after a rejected session succeeds', async () => {
      const { id } = await world.submit(measureJob({ networks: [NETWORK] }));
      const first = await claim();
      const report = carryOut(first.plan, { observations: MOVED });
      await source.complete(first.lease, { kind: 'measure', report });
      world.clock.nowMs += 2_000;
      const second = await claim();
      await source.complete(second.lease, { kind: 'measure', report: carryOut(second.plan) });
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'ok', message: null, result: { sessionId: 2 } });
    });
  });

  describe('a failure', () => {
    const HARNESS = { outcome: 'crashed', message: 'the child did not start', retry: true } as const;

    it('of the job itself ends it', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const { lease } = await claim();
      const failure = { outcome: 'unsupported-op', message: 'no such op', retry: false } as const;
      expect(await source.fail(lease, failure)).toBe('committed');
      expect(world.jobs.get(id)).toMatchObject({
        outcome: 'unsupported-op',
        message: 'no such op',
        attempts: 1,
      });
      expect(await world.queue.depth()).toEqual(new Map());
    });

    it('of the harness is retried, with a pause, and ends the job at the third', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      for (const answer of ['retried', 'retried', 'committed']) {
        const { lease } = await claim();
        expect(await source.fail(lease, HARNESS)).toBe(answer);
        expect(await source.claim()).toBeNull();
        world.clock.nowMs += 2_000;
      }
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'crashed', attempts: 3, message: HARNESS.message });
      expect(world.jobs.events(id, 0).map(({ type }) => type)).toEqual([
        'queued',
        'leased',
        'requeued',
        'leased',
        'requeued',
        'leased',
        'finished',
      ]);
      expect(await source.claim()).toBeNull();
    });

    it('of a job that someone cancelled is not retried', async () => {
      const { id } = await world.submit(measureJob({ ops: [DENSE] }));
      const { lease } = await claim();
      world.jobs.requestCancel(id);
      expect(await source.fail(lease, HARNESS)).toBe('committed');
      expect(world.jobs.get(id).outcome).toBe('cancelled');
    });
  });

  it('released work is up again at once, and no attempt is counted', async () => {
    const { id } = await world.submit(measureJob({ ops: [DENSE] }));
    for (let i = 0; i < 5; i++) {
      const { lease } = await claim();
      expect(lease.attempt).toBe(1);
      await source.release(lease);
      expect(world.jobs.get(id)).toMatchObject({ status: 'queued', worker: null });
    }
  });

  describe('training', () => {
    const result = (weights: string): TrainResult => ({
      kind: 'train',
      weights,
      finalLossNats: 0.1,
      holdout: { accuracy: 0.9, lossNats: 0.3, calibratedLossNats: 0.3, temperature: 1, count: 100 },
      test: null,
      steps: 1,
      durationMs: 12,
    });

    it('stores the result of weights that were handed in', async () => {
      const { id } = await world.submit(trainJob());
      const { lease } = expectWork(await source.claim(), 'train');
      const weights = await source.writeBlob(Buffer.from('weights'));
      expect(await source.complete(lease, { kind: 'train', result: result(weights) })).toBe('committed');
      expect(world.jobs.get(id)).toMatchObject({ outcome: 'ok', result: result(weights) });
      expect(Buffer.from(await source.readBlob(weights)).toString()).toBe('weights');
    });

    it('refuses a result whose weights were not', async () => {
      const { id } = await world.submit(trainJob());
      const { lease } = expectWork(await source.claim(), 'train');
      const nowhere = result('0'.repeat(64));
      await expect(source.complete(lease, { kind: 'train', result: nowhere })).rejects.toMatchObject({
        code: 'not-found',
      });
      expect(world.jobs.get(id)).toMatchObject({ status: 'leased', result: null });
    });
  });
});
