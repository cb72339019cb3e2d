import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobRepository } from '../../db/repositories/jobs.js';
import { trainQueue } from '../../services/lease/queue-names.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { trainJob } from '../lease/lease-world.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { DENSE, leaseDesk, POOL } from './lease-desk.js';
import { startTestApp, type TestApp } from './test-app.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

describe.each(['embedded', 'redis'] as const)('leases over HTTP, %s queue', (mode) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp(mode === 'redis' ? redis.url : undefined);
    return () => app.close();
  });

  const { submit, ask, lease, measuring, handIn, report, job } = leaseDesk(() => app);

  it('carries a job from claim over renewal to its result and the table', async () => {
    const { id } = await submit();
    const view = await measuring();
    expect(view).toMatchObject({
      jobId: id,
      attempt: 1,
      leaseMs: 1_000,
      plan: { runtime: 'fake', threads: 1 },
    });
    expect(view.plan.subjects.map((subject) => subject.id)).toEqual(['anchor', `op:${DENSE}`]);
    const renewed = await app.send('PUT', `/leases/${view.id}`, { progress: { done: 1, total: 4 } });
    expect(renewed.json()).toEqual({ state: 'held', leaseMs: 1_000 });
    expect(job(id)).toMatchObject({ status: 'running', worker: 'board', progress: { done: 1, total: 4 } });
    const soFar = {
      done: 2,
      total: 4,
      latencyMs: 1.25,
      interval: { lowMs: 1.2, highMs: 1.4, level: 0.95 },
    };
    await app.send('PUT', `/leases/${view.id}`, { progress: soFar });
    expect(job(id)?.progress).toEqual(soFar);
    const done = await handIn(view.id, report(view));
    expect(done.statusCode, done.body).toBe(200);
    expect(done.json()).toEqual({ answer: 'committed' });
    expect(job(id)).toMatchObject({ outcome: 'ok', result: { ops: [{ key: DENSE, latencyMs: 0.004 }] } });
    const table = (await app.get('/latency-table?device=bench')).json();
    expect(table.entries).toMatchObject([{ key: DENSE, latencyMs: 0.004 }]);
  });

  it('counts a result that is sent twice once', async () => {
    await submit();
    const view = await measuring();
    await handIn(view.id, report(view));
    const rows = app.rowCounts();
    expect((await handIn(view.id, report(view))).json()).toEqual({ answer: 'committed' });
    // A renewal that crossed the result is no conflict: the work went to nobody else.
    const crossed = await app.send('PUT', `/leases/${view.id}`, { progress: { done: 4, total: 4 } });
    expect([crossed.statusCode, crossed.json()]).toEqual([200, { state: 'held', leaseMs: 1_000 }]);
    expect(app.rowCounts()).toEqual(rows);
  });

  it('refuses what comes under a lease that went to another, with 409, and stores nothing of it', async () => {
    await submit();
    const late = await measuring();
    await sleep(1_100);
    const view = await measuring();
    expect(view).toMatchObject({ jobId: late.jobId, attempt: 2 });
    const rows = app.rowCounts();
    for (const answer of [
      await app.send('PUT', `/leases/${late.id}`, {}),
      await handIn(late.id, report(late)),
      await handIn(late.id, { kind: 'failure', outcome: 'crashed', message: 'x', retry: true }),
      await handIn(late.id, { kind: 'cancelled' }),
    ]) {
      expect(answer.statusCode).toBe(409);
      expect(answer.json()).toMatchObject({ code: 'lease-lost' });
    }
    expect((await app.inject({ method: 'DELETE', url: `/leases/${late.id}` })).statusCode).toBe(204);
    const noted = new JobRepository(app.db).events(late.jobId, 0).filter(({ type }) => type === 'refused');
    expect(noted.map(({ data }) => data)).toEqual([{ what: 'result' }, { what: 'failure' }]);
    // There were two claims: more is not noted, however often it comes.
    await handIn(late.id, report(late));
    const { job_event, change, ...others } = rows;
    expect(app.rowCounts()).toEqual({ ...others, job_event: job_event! + 2, change: change! + 2 });
    expect((await handIn(view.id, report(view))).json()).toEqual({ answer: 'committed' });
  });

  it('answers 204 when there is nothing, at once or after the time to wait', async () => {
    expect((await ask()).statusCode).toBe(204);
    const startedAtMs = performance.now();
    expect((await ask({ waitMs: 300 })).statusCode).toBe(204);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(300);
  });

  it('answers a waiting caller when a job comes', async () => {
    const waiting = ask({ waitMs: 30_000 });
    await sleep(50);
    const { id } = await submit();
    expect((await waiting).json()).toMatchObject({ jobId: id });
  });

  it('ends the wait when the api closes', async () => {
    const waiting = ask({ waitMs: 30_000 });
    await sleep(50);
    await app.app.close();
    expect((await waiting).statusCode).toBe(204);
  });

  it('tells of a cancel, which the worker confirms', async () => {
    const { id } = await submit();
    const view = await measuring();
    expect((await app.inject({ method: 'DELETE', url: `/jobs/${id}` })).statusCode).toBe(202);
    expect((await app.send('PUT', `/leases/${view.id}`, {})).json()).toMatchObject({ state: 'cancelled' });
    expect((await handIn(view.id, { kind: 'cancelled' })).json()).toEqual({ answer: 'committed' });
    expect(job(id).outcome).toBe('cancelled');
  });

  it('takes a cancel that nobody asked for as work that is handed back', async () => {
    const { id } = await submit();
    const view = await measuring();
    expect((await handIn(view.id, { kind: 'cancelled' })).json()).toEqual({ answer: 'retried' });
    expect(job(id)).toMatchObject({ status: 'queued', outcome: null });
    expect(await lease({ waitMs: 5_000 })).toMatchObject({ jobId: id, attempt: 1 });
  });

  it('takes failures: one of the device is tried again, one of the job is not', async () => {
    const { id } = await submit();
    const first = await measuring();
    const failed = { kind: 'failure', outcome: 'crashed', message: 'unplugged', retry: true };
    expect((await handIn(first.id, failed)).json()).toEqual({ answer: 'retried' });
    expect(job(id)).toMatchObject({ status: 'queued', message: 'unplugged' });
    const again = await lease({ waitMs: 5_000 });
    expect((await handIn(again.id, { ...failed, retry: false })).json()).toEqual({ answer: 'committed' });
    expect(job(id)).toMatchObject({ outcome: 'crashed', attempts: 2 });
  });

  it('takes work back unharmed', async () => {
    await submit();
    const view = await measuring();
    expect((await app.inject({ method: 'DELETE', url: `/leases/${view.id}` })).statusCode).toBe(204);
    expect(await lease()).toMatchObject({ jobId: view.jobId, attempt: 1 });
  });

  it('knows a data set by its content, and an engine by its name', async () => {
    const [one, other] = ['1', '2'].map((digit) => digit.repeat(64));
    const base = trainJob();
    const dataset = { kind: 'idx' as const, directory: '/data/x', sha256: one! };
    const payload = { ...base.payload, dataset, trainer: 'tfjs' as const };
    const queue = trainQueue(dataset, 'tfjs');
    const { id } = await submitJob(app.db, app.queue, { ...base, payload, queue });
    const train = (directory: string, sha256: string | undefined, trainers?: readonly string[]) =>
      ask({
        device: undefined,
        datasets: [{ kind: 'idx', directory, ...(sha256 && { sha256 }) }],
        ...(trainers && { trainers }),
      });
    const engines = ['onnxruntime', 'tfjs'];
    for (const refused of [
      await train('/data/x', other, engines),
      await train('/data/x', undefined, engines),
      await train('/data/x', one),
    ]) {
      expect(refused.statusCode).toBe(204);
    }
    const taken = await train('/elsewhere', one, engines);
    expect(taken.json()).toMatchObject({ jobId: id, payload: { dataset } });
  });

  it('hands training out to those who have the data, and takes weights by their address', async () => {
    const { id, payload } = { ...(await submitJob(app.db, app.queue, trainJob())), ...trainJob() };
    const withoutData = { device: undefined, datasets: [{ kind: 'idx', directory: '/elsewhere' }] };
    expect((await ask(withoutData)).statusCode).toBe(204);
    const view = await lease({ device: undefined, datasets: [{ kind: 'mnist' }] });
    expect(view).toMatchObject({ kind: 'train', jobId: id, payload });
    const weights = Buffer.from('weights');
    const sha256 = createHash('sha256').update(weights).digest('hex');
    const evaluation = { accuracy: 0.9, lossNats: 0.3, calibratedLossNats: 0.3, temperature: 1, count: 10 };
    const result = {
      kind: 'train',
      weights: sha256,
      finalLossNats: 0.2,
      holdout: evaluation,
      test: null,
      steps: 1,
      durationMs: 5,
    };
    const nowhere = await handIn(view.id, { kind: 'train', result });
    expect([nowhere.statusCode, nowhere.json().pointer]).toEqual([404, '/result/weights']);
    await app.inject({
      method: 'PUT',
      url: `/blobs/${sha256}`,
      headers: { 'content-type': 'application/octet-stream' },
      payload: weights,
    });
    const unimportant = await handIn(view.id, {
      kind: 'train',
      result: { ...result, importance: '0'.repeat(64) },
    });
    expect([unimportant.statusCode, unimportant.json().pointer]).toEqual([404, '/result/importance']);
    expect((await handIn(view.id, { kind: 'train', result })).json()).toEqual({ answer: 'committed' });
    expect(job(id)).toMatchObject({ outcome: 'ok', result: { weights: sha256 } });
  });

  it('keeps a device to one worker at a time', async () => {
    await submit([DENSE]);
    await submit([POOL]);
    await measuring();
    expect((await ask({ worker: 'another' })).statusCode).toBe(204);
  });

  it.each([
    ['an unknown device', { device: 'nobody' }, 404, '/device'],
    ['neither device nor data', { device: undefined }, 400, '/device'],
    ['an endless wait', { waitMs: 1e9 }, 400, '/waitMs'],
    ['a lease of an instant', { leaseMs: 1 }, 400, '/leaseMs'],
  ])('refuses to lease to %s', async (_what, more, status, pointer) => {
    const answer = await ask(more);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ pointer });
  });

  it.each(['nonsense', 'job_1', 'job_1.1.1000', 'job_0.99999999999999999.1000', '..'])(
    'knows no lease %s',
    async (id) => {
      const answer = await app.send('PUT', `/leases/${encodeURIComponent(id)}`, {});
      expect([404, 409]).toContain(answer.statusCode);
    },
  );
});
