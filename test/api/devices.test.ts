import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const device = async (name: string) => (await t.get(`/devices/${name}`)).json<DeviceView>();

describe('devices', () => {
  it('are registered once, and updated by their name', async () => {
    const body = { name: 'board', runtime: 'fake', threads: 2, runtimeOptions: { seed: 1 } };
    const created = await t.send('POST', '/devices', body);
    expect(created.statusCode).toBe(201);
    expect(created.headers.location).toBe('/devices/board');
    expect(created.json()).toMatchObject({
      name: 'board',
      runtime: 'fake',
      threads: 2,
      state: 'offline',
      environment: null,
      lastSeenAtMs: null,
      queue: { waiting: 0, leased: 0 },
      health: {
        anchors: [],
        baselineMs: null,
        noise: null,
        verdicts: { trusted: 0, usable: 0, rejected: 0 },
      },
    });
    const again = await t.send('POST', '/devices', { ...body, threads: 1 });
    expect(again.statusCode).toBe(200);
    expect(
      (await t.get('/devices')).json<{ devices: DeviceView[] }>().devices.map((d) => [d.name, d.threads]),
    ).toEqual([
      ['bench', 1],
      ['board', 1],
    ]);
  });

  it('drain and resume', async () => {
    const drained = await t.inject({ method: 'POST', url: '/devices/bench/drain' });
    expect(drained.json()).toMatchObject({ state: 'draining' });
    expect((await device('bench')).state).toBe('draining');
    await t.inject({ method: 'POST', url: '/devices/bench/resume' });
    expect((await device('bench')).state).toBe('offline');
    const unknown = await t.inject({ method: 'POST', url: '/devices/nope/drain' });
    expect(unknown.json()).toMatchObject({ status: 404, code: 'unknown-device' });
  });

  it('show what waits for them', async () => {
    const body = { device: 'bench', candidate: { zoo: 'mobilenet-v3-tiny' } };
    await t.send('POST', '/measure', body);
    await t.send('POST', '/measure', body);
    expect((await t.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(200);
    expect((await device('bench')).queue).toEqual({ waiting: 1, leased: 1 });
    t.db.exec("UPDATE job SET lease_until_ms = 1 WHERE status = 'leased'");
    expect((await device('bench')).queue).toEqual({ waiting: 2, leased: 0 });
  });

  it('show their environment, and the anchor of every session with its noise', async () => {
    t.commit('bench', { anchorNs: 300_000 });
    t.commit('bench', { anchorNs: 303_000 });
    t.commit('bench', { anchorNs: 300_000 });
    const view = await device('bench');
    expect(view.environment).toEqual(ENVIRONMENT);
    const { anchors, baselineMs, noise, verdicts } = view.health;
    expect(anchors.map(({ sessionId, latencyMs, current }) => [sessionId, latencyMs, current])).toEqual([
      [3, 0.3, true],
      [2, 0.303, true],
      [1, 0.3, true],
    ]);
    expect(baselineMs).toBe(0.3);
    expect(noise).toBeGreaterThan(0.004);
    expect(noise).toBeLessThan(0.005);
    expect(verdicts).toEqual({ trusted: 3, usable: 0, rejected: 0 });
  });
});

describe('health', () => {
  it('is alive, and ready with its database and queue', async () => {
    expect((await t.get('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await t.get('/readyz');
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toEqual({
      ready: true,
      checks: [
        { name: 'database', ok: true, detail: '1 devices' },
        { name: 'queue', ok: true, detail: '0 jobs waiting' },
      ],
      workers: [{ device: 'bench', lastSeenAtMs: null }],
    });
  });

  it('is not ready without them', async () => {
    t.db.close();
    const answer = await t.get('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ ready: false, workers: [] });
    expect((await t.get('/healthz')).statusCode).toBe(200);
  });
});
