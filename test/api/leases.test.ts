import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseView } from '../../contracts/http/lease.js';
import { DEFAULT_PROTOCOL, type Opening, type ProbeSamples } from '../../contracts/measurement.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { trainQueue } from '../../services/lease/queue-names.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { carryOut, measureJob, trainJob } from '../lease/lease-world.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startTestApp, type TestApp } from './test-app.js';

const DENSE = 'dense:64>10:f32';
const POOL = 'globalAvgPool:7x7x64:f32';
const NETWORK = buildZooNetwork('mobilenet-v3-tiny', { width: 0.25 });

const opening = (visits: number): Opening => ({
  visits,
  openNs: 1e6,
  firstNs: 1e5,
  warmUpRuns: 10,
  warmUpNs: 1e6,
  steady: true,
  runsPerSample: 1,
});

/** A result in which the samples of the second subject, an op, are others than they should be. */
function withProbe({ plan }: { plan: Parameters<typeof carryOut>[0] }, changes: Partial<ProbeSamples>) {
  const good = carryOut(plan);
  const probes = good.probes.map((probe, i) => (i === 1 ? { ...probe, ...changes } : probe));
  return { kind: 'measure', report: { ...good, probes } };
}

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

  const submit = (ops: readonly string[] = [DENSE]) =>
    submitJob(app.db, app.queue, measureJob({ device: 'bench', ops: [...ops], remeasure: true }));
  const ask = async (more: object = {}) =>
    app.send('POST', '/leases', { worker: 'board', device: 'bench', leaseMs: 1_000, ...more });
  const lease = async (more: object = {}): Promise<LeaseView> => {
    const answer = await ask(more);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  const measuring = async (more: object = {}) => {
    const view = await lease(more);
    if (view.kind !== 'measure') throw new Error('not a measure job');
    return view;
  };
  const handIn = (id: string, body: unknown) => app.send('POST', `/leases/${id}/result`, body);
  const report = ({ plan }: { plan: Parameters<typeof carryOut>[0] }) => ({
    kind: 'measure',
    report: carryOut(plan),
  });
  const job = (id: string) => new JobRepository(app.db).get(id);

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

  it.each<[string, (view: Extract<LeaseView, { kind: 'measure' }>) => unknown, string]>([
    ['no body to speak of', () => ({}), '/kind'],
    ['an unknown kind', () => ({ kind: 'guess' }), '/kind'],
    [
      'a missing part',
      (view) => ({ kind: 'measure', report: { ...carryOut(view.plan), probes: undefined } }),
      '/report/probes',
    ],
    [
      'a mistyped part',
      (view) => ({ kind: 'measure', report: { ...carryOut(view.plan), probes: 'none' } }),
      '/report/probes',
    ],
    [
      'an op that was not asked for',
      (view) => ({
        kind: 'measure',
        report: { ...carryOut(view.plan), subjects: [{ kind: 'op', id: 'x', key: POOL }] },
      }),
      '/report/subjects/0',
    ],
    [
      'a network that was not asked for',
      (view) => ({
        kind: 'measure',
        report: {
          ...carryOut(view.plan),
          subjects: [{ kind: 'network', id: 'x', networkHash: 'f'.repeat(64), network: {} }],
        },
      }),
      '/report/subjects/0',
    ],
    [
      'a subject twice',
      (view) => ({
        kind: 'measure',
        report: { ...carryOut(view.plan), subjects: [...view.plan.subjects, view.plan.subjects[1]] },
      }),
      '/report/subjects/2',
    ],
    [
      'a probe twice',
      (view) => {
        const one = carryOut(view.plan);
        return { kind: 'measure', report: { ...one, probes: [one.probes[0], one.probes[0]] } };
      },
      '/report/probes/1',
    ],
    [
      'a time that no column holds',
      (view) => ({ kind: 'measure', report: { ...carryOut(view.plan), endedAtMs: 1e300 } }),
      '/report/endedAtMs',
    ],
    [
      'no anchor',
      (view) => ({
        kind: 'measure',
        report: { ...carryOut(view.plan), subjects: view.plan.subjects.slice(1) },
      }),
      '/report/subjects',
    ],
    [
      'nothing of an op that the table lacks',
      (view) => ({
        kind: 'measure',
        report: { ...carryOut(view.plan), subjects: view.plan.subjects.slice(0, 1) },
      }),
      '/report/subjects',
    ],
    [
      'more processes than the protocol has',
      (view) => withProbe(view, { openings: [opening(4), opening(4)] }),
      '/report/probes/1/openings',
    ],
    [
      'visits that are only claimed',
      (view) => withProbe(view, { openings: [opening(1e12)] }),
      '/report/probes/1/openings',
    ],
    [
      'no process where there are visits',
      (view) => withProbe(view, { openings: [] }),
      '/report/probes/1/openings',
    ],
    [
      'more visits than the protocol makes',
      (view) => withProbe(view, { visitsNs: Array.from({ length: 22 }, () => [4_000]) }),
      '/report/probes/1/visitsNs',
    ],
    [
      'a visit without samples',
      (view) => withProbe(view, { visitsNs: [[], [9e3], [9e3], [9e3], [9e3]] }),
      '/report/probes/1/visitsNs/0',
    ],
    [
      'a visit of more samples than anyone takes',
      (view) => withProbe(view, { visitsNs: [[9e3], Array(10_001).fill(9e3)] }),
      '/report/probes/1/visitsNs/1',
    ],
    [
      'a coefficient that no graph has',
      (view) => {
        const one = carryOut(view.plan);
        const [anchor, op] = one.terms;
        const terms = [anchor, { ...op, terms: [{ ...op!.terms[0], coefficient: 1e15 }] }];
        return { kind: 'measure', report: { ...one, terms } };
      },
      '/report/terms/1/terms/0/coefficient',
    ],
    [
      'an environment of another device',
      (view) => ({
        kind: 'measure',
        report: { ...carryOut(view.plan), environment: { ...ENVIRONMENT, runtime: 'onnxruntime' } },
      }),
      '/report/environment/runtime',
    ],
    [
      'a failure that is none',
      () => ({ kind: 'failure', outcome: 'ok', message: '', retry: false }),
      '/outcome',
    ],
    [
      'an unknown field',
      () => ({ kind: 'failure', outcome: 'crashed', message: '', retry: true, extra: 1 }),
      '/extra',
    ],
  ])('refuses a result with %s, pointing at it, and keeps the lease', async (_what, make, pointer) => {
    const { id } = await submit();
    const view = await measuring({ leaseMs: 60_000 });
    const rows = app.rowCounts();
    const answer = await handIn(view.id, make(view));
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json(), answer.body).toMatchObject({ code: 'invalid-request', pointer });
    expect(app.rowCounts()).toEqual(rows);
    expect((await handIn(view.id, report(view))).json()).toEqual({ answer: 'committed' });
    expect(job(id).outcome).toBe('ok');
  });

  it('refuses a result without a network of the job, or with one that was measured otherwise', async () => {
    await submitJob(app.db, app.queue, measureJob({ device: 'bench', networks: [NETWORK], target: 'cold' }));
    const view = await measuring({ leaseMs: 60_000 });
    const [anchor, network] = view.plan.subjects;
    const handed = (subjects: readonly unknown[]) =>
      handIn(view.id, { kind: 'measure', report: { ...carryOut(view.plan), subjects } });
    for (const [subjects, pointer] of [
      [[anchor], '/report/subjects'],
      [[anchor, { ...network, target: 'steady' }], '/report/subjects/1'],
      [[anchor, { ...network, copy: 'a' }], '/report/subjects/1'],
    ] as const) {
      const answer = await handed(subjects);
      expect(answer.statusCode, answer.body).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'invalid-request', pointer });
    }
    expect((await handed(view.plan.subjects)).json()).toEqual({ answer: 'committed' });
  });

  it('takes a result that leaves out what the table has by now, and one of an op that failed', async () => {
    app.commit('bench', { ops: { [POOL]: 4_000 } });
    const { id } = await submitJob(app.db, app.queue, measureJob({ device: 'bench', ops: [DENSE, POOL] }));
    const view = await measuring();
    expect(view.plan.subjects.map((subject) => subject.id)).toEqual(['anchor', `op:${DENSE}`]);
    const failures = [{ subjectId: `op:${DENSE}`, kind: 'timeout', message: 'hung' }];
    const handed = await handIn(view.id, { kind: 'measure', report: { ...carryOut(view.plan), failures } });
    expect(handed.json(), handed.body).toEqual({ answer: 'committed' });
    expect(job(id)).toMatchObject({ outcome: 'ok', message: '1 of 2 ops failed: hung' });
  });

  it('stores nonsense durations as failures, not as errors', async () => {
    const { id } = await submit();
    const view = await measuring();
    const good = carryOut(view.plan);
    const probes = good.probes.map((probe, i) => (i === 1 ? { ...probe, visitsNs: [[-5, 0]] } : probe));
    expect((await handIn(view.id, { kind: 'measure', report: { ...good, probes } })).json()).toEqual({
      answer: 'committed',
    });
    expect(job(id)).toMatchObject({
      outcome: 'nonsense',
      result: { ops: [{ failure: { kind: 'nonsense' } }] },
    });
  });

  it('stores figures that no column holds as failures, not as errors', async () => {
    const { id } = await submit();
    const view = await measuring();
    const good = carryOut(view.plan);
    const probes = good.probes.map((probe, i) =>
      i === 1 ? { ...probe, visitsNs: [[1e15], [1e15]] } : probe,
    );
    const terms = good.terms.map((own, i) =>
      i === 1 ? { ...own, terms: Array(100).fill({ ...own.terms[0], coefficient: 1e3 }) } : own,
    );
    const answer = await handIn(view.id, { kind: 'measure', report: { ...good, probes, terms } });
    expect(answer.json(), answer.body).toEqual({ answer: 'committed' });
    expect(job(id)).toMatchObject({
      outcome: 'nonsense',
      result: { ops: [{ failure: { kind: 'nonsense' } }] },
    });
  });

  it('takes a report of several megabytes, which other routes refuse', async () => {
    const protocol = { ...DEFAULT_PROTOCOL, maxVisits: 1_000, processes: 2 };
    await submitJob(app.db, app.queue, measureJob({ device: 'bench', ops: [DENSE], protocol }));
    const view = await measuring({ leaseMs: 60_000 });
    const good = carryOut(view.plan);
    const visits = Array.from({ length: 2_000 }, () => Array.from({ length: 100 }, () => 4_000.123456789));
    const probes = good.probes.map((probe, i) =>
      i === 1 ? { ...probe, visitsNs: visits, visitWaitShare: visits.map(() => 0) } : probe,
    );
    const body = JSON.stringify({ kind: 'measure', report: { ...good, probes } });
    expect(body.length).toBeGreaterThan(3e6);
    expect((await handIn(view.id, body)).json()).toEqual({ answer: 'committed' });
    expect((await app.send('POST', '/leases', body)).statusCode).toBe(413);
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

describe('what a device says of itself', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp();
    return () => app.close();
  });
  const device = async () => (await app.get('/devices/bench')).json();

  it('is its environment, which has to fit how it is registered', async () => {
    expect((await app.send('PUT', '/devices/bench/environment', ENVIRONMENT)).json()).toMatchObject({
      environment: ENVIRONMENT,
    });
    const wrong = await app.send('PUT', '/devices/bench/environment', { ...ENVIRONMENT, threads: 4 });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toMatchObject({ pointer: '/threads' });
    expect((await app.send('PUT', '/devices/nobody/environment', ENVIRONMENT)).statusCode).toBe(404);
  });

  it('makes it active; it is offline when nothing was heard of it for 20 s', async () => {
    expect((await device()).state).toBe('offline');
    await app.send('POST', '/leases', { worker: 'w', device: 'bench' });
    expect((await device()).state).toBe('active');
    app.db.prepare('UPDATE device SET last_seen_at_ms = last_seen_at_ms - 20001').run();
    expect((await device()).state).toBe('offline');
  });

  it('stands behind drain and quarantine, which resume ends', async () => {
    await app.send('POST', '/leases', { worker: 'w', device: 'bench' });
    expect((await app.inject({ method: 'POST', url: '/devices/bench/drain' })).json().state).toBe('draining');
    app.db.prepare("UPDATE device SET quarantine = 'hot'").run();
    expect(await device()).toMatchObject({ state: 'quarantined', quarantine: 'hot' });
    const { id } = await submitJob(app.db, app.queue, measureJob({ device: 'bench', ops: [DENSE] }));
    expect((await app.get(`/jobs/${id}`)).json().waitsFor).toMatchObject({
      reason: 'device-quarantined',
      detail: "device 'bench' is in quarantine (hot); resume it",
    });
    expect((await app.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(204);
    expect((await app.inject({ method: 'POST', url: '/devices/bench/resume' })).json()).toMatchObject({
      state: 'active',
      quarantine: null,
    });
    expect((await app.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(200);
  });

  it('includes the classes it belongs to, kept when they are not named again', async () => {
    const registration = { name: 'pi', runtime: 'fake' };
    const labelled = await app.send('POST', '/devices', { ...registration, labels: ['pi4', 'office'] });
    expect(labelled.json().labels).toEqual(['office', 'pi4']);
    expect((await app.send('POST', '/devices', registration)).json().labels).toEqual(['office', 'pi4']);
    expect((await app.send('POST', '/devices', { ...registration, labels: [] })).json().labels).toEqual([]);
    const wrong = await app.send('POST', '/devices', { ...registration, labels: ['a.b'] });
    expect(wrong.json()).toMatchObject({ pointer: '/labels/0' });
  });
});
