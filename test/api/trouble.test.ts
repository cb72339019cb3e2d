import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ENVIRONMENT } from '../db/session-report.js';
import { freePort } from '../support/redis-server.js';
import { type Answer, startTestApp, type TestApp } from './test-app.js';

const HOLD_LOCK = fileURLToPath(new URL('../db/children/hold-lock.mjs', import.meta.url));

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const candidate = { zoo: 'mobilenet-v3-tiny' };
const measure = () => t.send('POST', '/measure', { device: 'bench', candidate });
const reads = async () => {
  for (const url of [
    '/jobs',
    '/devices',
    '/latency-table?device=bench',
    '/readyz',
    '/metrics',
    '/adaptations',
  ]) {
    expect((await t.get(url)).statusCode, url).toBe(200);
  }
  const estimate = await t.send('POST', '/estimate', { devices: ['bench'], candidates: [candidate] });
  expect(estimate.statusCode).toBe(200);
};

describe('a database that another process has locked', () => {
  it('refuses writes with 503 and a hint, and is read all the same', async () => {
    t.db.pragma('busy_timeout = 100');
    expect((await measure()).statusCode).toBe(202);
    const holder = spawn(process.execPath, [HOLD_LOCK, t.db.name], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const before = t.rowCounts();
    const refused = await measure();
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'database-busy', retryable: true });
    expect(refused.json().detail).toContain('try again');
    expect(refused.headers['retry-after']).toBe('1');
    await reads();
    holder.stdin.end();
    await once(holder, 'exit');
    expect(t.rowCounts()).toEqual(before);
    expect((await measure()).statusCode).toBe(202);
  });
});

describe('a request that waits for a locked database', () => {
  it('keeps nobody else waiting: reads that come later are answered before it is', async () => {
    const holder = spawn(process.execPath, [HOLD_LOCK, t.db.name], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const answered: string[] = [];
    const note = (name: string, answer: PromiseLike<unknown>) =>
      Promise.resolve(answer).then(() => answered.push(name));
    await t.send('POST', '/leases', { worker: 'w', device: 'bench' });
    const writes = Array.from({ length: 5 }, () => note('write', measure()));
    await setImmediate();
    for (let i = 0; i < 5; i++) await note('read', t.get('/jobs'));
    await note('estimate', t.send('POST', '/estimate', { devices: ['bench'], candidates: [candidate] }));
    expect(answered).toEqual(['read', 'read', 'read', 'read', 'read', 'estimate']);
    const released = once(holder, 'exit');
    holder.stdin.end();
    await Promise.all(writes);
    await released;
    expect((await t.get('/jobs')).json().jobs).toHaveLength(5);
  });
});

describe('a database that is full', () => {
  it('refuses writes with 507 and a hint, leaves no half of one, and is read all the same', async () => {
    expect((await measure()).statusCode).toBe(202);
    const pages = t.db.pragma('page_count', { simple: true }) as number;
    t.db.pragma(`max_page_count = ${pages + 1}`);
    let before = t.rowCounts();
    let answer = await measure();
    for (let i = 0; i < 50 && answer.statusCode === 202; i++) {
      before = t.rowCounts();
      answer = await measure();
    }
    expect(answer.statusCode).toBe(507);
    expect(answer.json()).toMatchObject({ code: 'database-full', retryable: false });
    expect(answer.json().detail).toContain('lutra blobs collect');
    expect(t.rowCounts()).toEqual(before);
    await reads();
    t.db.pragma('max_page_count = 1000000');
    expect((await measure()).statusCode).toBe(202);
  });
});

describe('a Redis that is away', () => {
  it('keeps nothing from being answered but whether the api is ready: all figures are those of the record', async () => {
    const away = await startTestApp(`redis://127.0.0.1:${await freePort()}`);
    onTestFinished(() => away.close());
    const status = async (answer: Promise<Answer>) => (await answer).statusCode;
    const board = { name: 'board', runtime: 'fake', threads: 1 };
    expect(await status(away.send('POST', '/devices', board))).toBe(201);
    expect(await status(away.send('PUT', '/devices/board/environment', ENVIRONMENT))).toBe(200);
    expect(await status(away.send('POST', '/measure', { device: 'board', candidate }))).toBe(202);
    expect(await status(away.inject({ method: 'POST', url: '/devices/board/drain' }))).toBe(200);
    expect((await away.get('/devices')).json().devices).toMatchObject([
      { name: 'bench', queue: { waiting: 0, leased: 0 } },
      { name: 'board', queue: { waiting: 1, leased: 0 } },
    ]);
    const metrics = await away.get('/metrics');
    expect(metrics.statusCode).toBe(200);
    expect(metrics.body).toContain('lutra_queue_jobs{queue="device.board",state="waiting"} 1');
    expect(await status(away.get('/readyz'))).toBe(503);
  });
});
