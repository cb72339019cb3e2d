import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { JobView } from '../../contracts/http/job-view.js';
import { COMPARISON_PROTOCOL } from '../../contracts/measurement.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { resolvePlan } from '../../services/lease/resolve-plan.js';
import { startTestApp, type TestApp } from './test-app.js';

const A = { zoo: 'mobilenet-v3-tiny' };
const B = { zoo: 'mobilenet-v3-tiny', options: { width: 1.5 } };

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
});
afterAll(() => t.close());

describe('POST /comparisons', () => {
  it('asks for both networks in one session, as A, B, B, A in three processes', async () => {
    const answer = await t.send('POST', '/comparisons', {
      device: 'bench',
      a: A,
      b: B,
      protocol: { maxVisits: 50 },
    });
    expect(answer.statusCode).toBe(202);
    const { job } = answer.json<{ job: JobView }>();
    expect(answer.headers.location).toBe(`/jobs/${job.id}`);
    expect(job.subject).toBe('mobilenet-v3-tiny against mobilenet-v3-tiny');
    const payload = new JobRepository(t.db).get(job.id).payload;
    if (payload.kind !== 'measure') throw new Error('a measure job');
    expect(payload).toMatchObject({
      aim: 'comparison',
      ops: [],
      protocol: { ...COMPARISON_PROTOCOL, maxVisits: 50 },
    });
    const plan = resolvePlan(t.db, payload, 'bench', 1)!;
    expect(plan.subjects.map(({ kind }) => kind)).toEqual(['anchor', 'network', 'network']);
    expect(plan.subjects.slice(1).map((subject) => 'copy' in subject && subject.copy)).toEqual(['a', 'b']);
  });

  it('of reference quality spreads its rounds', async () => {
    const body = { device: 'bench', a: A, b: B, quality: 'reference' };
    const { job } = (await t.send('POST', '/comparisons', body)).json<{ job: JobView }>();
    expect(new JobRepository(t.db).get(job.id).payload).toMatchObject({
      protocol: { order: 'abba', processes: 3, spreadMs: 40_000 },
    });
  });

  it('of a network with itself has two graphs all the same', async () => {
    const { job } = (await t.send('POST', '/comparisons', { device: 'bench', a: A, b: A })).json<{
      job: JobView;
    }>();
    const payload = new JobRepository(t.db).get(job.id).payload;
    if (payload.kind !== 'measure') throw new Error('a measure job');
    const ids = resolvePlan(t.db, payload, 'bench', 1)!.subjects.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    [{ device: 'bench', a: A }, '/b'],
    [{ device: 'bench', a: A, b: { zoo: 'mobilenet-v9' } }, '/b/zoo'],
    [{ device: 'bench', a: { zoo: 'mobilenet-v3-tiny', options: { width: -1 } }, b: B }, '/a/options/width'],
    [{ device: 'nowhere', a: A, b: B }, '/device'],
    [{ device: 'bench', a: A, b: B, protocol: { minVisits: 60 } }, '/protocol/minVisits'],
    [{ device: 'bench', a: A, b: B, protocol: { processes: 21 } }, '/protocol/processes'],
    [{ device: 'bench', a: A, b: B, c: A }, '/c'],
  ])('refuses %j and points at %s', async (body, pointer) => {
    const before = t.rowCounts();
    const answer = await t.send('POST', '/comparisons', body);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.json<{ pointer: string }>().pointer).toBe(pointer);
    expect(t.rowCounts()).toEqual(before);
  });
});

describe('POST /devices/:name/noise-check', () => {
  it('asks for two sessions', async () => {
    const answer = await t.send('POST', '/devices/bench/noise-check', {});
    expect(answer.statusCode).toBe(202);
    const { jobs } = answer.json<{ jobs: JobView[] }>();
    expect(jobs.map(({ subject }) => subject)).toEqual(['noise check', 'noise check']);
    const device = (await t.get('/devices/bench')).json<DeviceView>();
    expect(device.health).toMatchObject({ noise: null, noiseChecks: [] });
  });

  it('404 for an unknown device', async () => {
    expect((await t.send('POST', '/devices/nowhere/noise-check', {})).statusCode).toBe(404);
  });
});
