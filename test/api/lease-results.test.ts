import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PROTOCOL, type ProbeSamples } from '../../contracts/measurement.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { ENVIRONMENT, opening } from '../db/session-report.js';
import { carryOut, measureJob } from '../lease/lease-world.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { DENSE, leaseDesk, type MeasuringLease, POOL } from './lease-desk.js';
import { startTestApp, type TestApp } from './test-app.js';

const NETWORK = buildZooNetwork('mobilenet-v3-tiny', { width: 0.25 });

/** A result in which the samples of the second subject, an op, are others than they should be. */
function withProbe({ plan }: MeasuringLease, changes: Partial<ProbeSamples>) {
  const good = carryOut(plan);
  const probes = good.probes.map((probe, i) => (i === 1 ? { ...probe, ...changes } : probe));
  return { kind: 'measure', report: { ...good, probes } };
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

describe.each(['embedded', 'redis'] as const)('results of leases over HTTP, %s queue', (mode) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp(mode === 'redis' ? redis.url : undefined);
    return () => app.close();
  });

  const { submit, measuring, handIn, report, job } = leaseDesk(() => app);

  it.each<[string, (view: MeasuringLease) => unknown, string]>([
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
});
