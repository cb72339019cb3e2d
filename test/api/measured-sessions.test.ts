import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MeasuredSessionView, SessionSamplesView } from '../../contracts/http/measured-session.js';
import { MOVED } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

const KEY = 'dense:64>32:f32';
let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
  t.commit('bench', { ops: { [KEY]: 4_000 } });
  t.commit('bench', { ops: { [KEY]: 4_100 }, observations: MOVED });
});
afterAll(() => t.close());

describe('GET /sessions/:id', () => {
  it('shows what the verdict rests on, and that it replays', async () => {
    const session = (await t.get('/sessions/1')).json<MeasuredSessionView>();
    expect(session).toMatchObject({
      id: 1,
      device: 'bench',
      verdict: 'trusted',
      environment: { cpuModel: 'Example CPU 3.0' },
      replaysToTheSame: true,
    });
    expect(session.checks.map(({ name }) => name)).toContain('host-gaps');
    expect(session.subjects).toMatchObject([
      { kind: 'anchor', target: 'steady', latencyMs: 0.3, openMs: 2, firstMs: 2.7 },
      { kind: 'op', key: KEY, latencyMs: 0.004, openMs: null, precision: 0, visits: 8, samples: 80 },
    ]);
  });

  it('says why a rejected one was rejected', async () => {
    const session = (await t.get('/sessions/2')).json<MeasuredSessionView>();
    expect(session.verdict).toBe('rejected');
    expect(session.subjects[1]!.reasons).toEqual(['affinity: asked for core 0, allowed 1 at times']);
  });

  it.each(['/sessions/99', '/sessions/99/samples'])('404 for %s', async (url) => {
    expect((await t.get(url)).statusCode).toBe(404);
  });

  it.each(['/sessions/0', '/sessions/one', '/sessions/1e3', '/sessions/1/samples?graf=a'])(
    'refuses %s',
    async (url) => {
      expect((await t.get(url)).statusCode).toBe(400);
    },
  );
});

describe('GET /sessions/:id/samples', () => {
  it('shows every sample with the class of its visit, of one graph or all', async () => {
    const all = (await t.get('/sessions/1/samples')).json<SessionSamplesView>();
    expect(all.graphs).toHaveLength(2);
    const one = (
      await t.get(`/sessions/1/samples?graph=${encodeURIComponent(`op:${KEY}`)}`)
    ).json<SessionSamplesView>();
    expect(one.graphs).toHaveLength(1);
    expect(one.graphs[0]!.visits).toHaveLength(8);
    expect(one.graphs[0]!.visits[0]).toEqual({
      class: 'counted',
      used: true,
      process: 0,
      startMs: null,
      waitShare: 0,
      takenShare: null,
      stoppedShare: null,
      preemptions: null,
      majorFaults: null,
      samplesNs: Array(10).fill(4_000),
    });
  });
});
