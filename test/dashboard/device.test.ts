import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { EstimateAnswer } from '../../contracts/http/estimate.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import type { LeaseView } from '../../contracts/http/lease.js';
import type { MeasureResult } from '../../contracts/job.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { startTestApp, type TestApp } from '../api/test-app.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { pairDevice, Service, setHidden, untilState } from './paired-device.js';

const candidate = { zoo: 'mobilenet-v3-tiny', options: { classes: 4 } };
/** Its ops take more than a call of the runtime does. */
const LARGE = { zoo: 'mobilenet-v3-tiny', options: { classes: 4, width: 4 } };
const ATTEMPTS = 5;
/** Short, and no goal that could be reached early. */
const QUICK = { protocol: { minVisits: 3, maxVisits: 4 } };
/** Long enough to be interrupted. */
const LONG = { protocol: { minVisits: 60, maxVisits: 60 }, remeasure: true };
/** What a job that lost its browser may take to be someone else's. */
const REQUEUED_WITHIN_MS = 20_000;

let t: TestApp;
let service: Service;
let browser: TestBrowser;
// One for each test: codes may be tried ten times a minute only.
beforeEach(async () => {
  t = await startTestApp();
  service = new Service(await t.app.listen({ port: 0, host: '127.0.0.1' }));
});
afterEach(async () => {
  await browser.close();
  await t.close();
});

const pair = async (device: string, runtime?: string, threads?: number) => {
  browser = await startBrowser();
  const code = await service.code();
  return pairDevice(browser, {
    pageUrl: service.url,
    code,
    device,
    ...(runtime === undefined ? {} : { runtime }),
    ...(threads === undefined ? {} : { threads }),
  });
};

/** Takes the job as another worker of the device would. @returns how long it took until it could */
async function takeOver(device: string, jobId: string): Promise<number> {
  const startMs = Date.now();
  for (;;) {
    const answer = await service.raw('POST', '/leases', { worker: 'another', device, leaseMs: 1_000 });
    if (answer.status === 200) {
      expect(((await answer.json()) as LeaseView).jobId).toBe(jobId);
      return Date.now() - startMs;
    }
    if (Date.now() - startMs > 2 * REQUEUED_WITHIN_MS) throw new Error('the job was not given back');
    await sleep(100);
  }
}

const sessions = async (device: string) =>
  (await service.call<DeviceView>('GET', `/devices/${device}`)).health.anchors.length;

async function startLongJob(device: string, page: Parameters<typeof untilState>[0]): Promise<string> {
  const { id } = await service.measure(device, candidate, LONG);
  await untilState(page, 'measuring');
  await expect.poll(async () => (await service.job(id)).status).toMatch(/leased|running/);
  return id;
}

describe('a browser as a device', () => {
  it.each(['onnxruntime-web/wasm', 'tfjs-web/wasm'])(
    'measures with %s: a table, and estimates from it',
    async (runtime) => {
      const device = runtime.replaceAll(/[^a-z]/g, '-');
      const { page, complaints } = await pair(device, runtime);
      // The code is used up, and stands nowhere any more.
      expect(new URL(page.url()).hash).toBe('');
      const { environment } = await service.call<DeviceView>('GET', `/devices/${device}`);
      expect(environment).toMatchObject({
        runtime: runtime.split('/')[0],
        threads: 1,
        pinned: false,
        flags: { backend: 'wasm', isolation: 'isolated', timerStepUs: '5' },
      });
      expect(environment?.flags.userAgent).toContain('Chrome/');

      const job = await service.measureAll(device, candidate, QUICK);
      expect(job).toMatchObject({ outcome: 'ok', worker: 'browser' });
      const result = job.result as MeasureResult;
      expect(result.latencyMs).toBeGreaterThan(0);
      expect(result.ops.every(({ latencyMs }) => latencyMs !== null && latencyMs > 0)).toBe(true);

      const table = await service.call<LatencyTableView>('GET', `/latency-table?device=${device}`);
      expect(table.entryCount).toBe(result.ops.length);
      const body = { devices: [device], candidates: [candidate], strict: true };
      const { estimates } = await service.call<EstimateAnswer>('POST', '/estimate', body);
      expect(estimates[0]?.coverage).toBe(1);
      expect(estimates[0]?.latencyMs).toBeGreaterThan(0);
      expect(complaints).toEqual([]);
    },
    180_000,
  );

  it('measures on two threads where the page is isolated, which is another environment', async () => {
    const { complaints } = await pair('threads', 'onnxruntime-web/wasm', 2);
    const { environment, threads } = await service.call<DeviceView>('GET', '/devices/threads');
    expect([environment?.threads, threads]).toEqual([2, 2]);
    const { id } = await service.measure('threads', candidate, QUICK);
    expect(await service.untilFinished(id)).toMatchObject({ outcome: 'ok' });
    expect(complaints).toEqual([]);
  }, 180_000);

  it('says plainly that there is no adapter for WebGPU, and offers nothing that needs one', async () => {
    browser = await startBrowser();
    const { page } = await browser.open(`${service.url}/device#${await service.code()}`);
    const gpu = page.getByLabel('Measure with').locator('option', { hasText: 'WebGPU' });
    await expect
      .poll(() => gpu.allTextContents())
      .toEqual(['onnxruntime, WebGPU: no adapter', 'TensorFlow.js, WebGPU: no adapter']);
    for (const option of await gpu.all()) expect(await option.isDisabled()).toBe(true);
    await page.getByLabel('Name of the device').fill('plain');
    await page.getByRole('button', { name: 'Pair' }).click();
    await untilState(page, 'waiting');
    const facts = page.locator('dl.plain');
    expect(await facts.textContent()).toContain('WebGPUno adapter');
  }, 60_000);

  it('hidden: ends at once, hands the job back, and counts nothing of it', async () => {
    const { page } = await pair('hidden');
    const id = await startLongJob('hidden', page);
    await setHidden(page, true);
    await untilState(page, 'hidden');
    await expect
      .poll(async () => (await service.job(id)).status, { timeout: REQUEUED_WITHIN_MS })
      .toBe('queued');
    expect(await sessions('hidden')).toBe(0);
    // Nobody asks for work while the page is hidden.
    await sleep(1_000);
    expect((await service.job(id)).status).toBe('queued');
    await setHidden(page, false);
    await untilState(page, 'measuring');
    await service.call('DELETE', `/jobs/${id}`);
    expect(await service.untilFinished(id)).toMatchObject({ outcome: 'cancelled' });
    await untilState(page, 'waiting');
  }, 120_000);

  it('closed: the job is another worker’s within twenty seconds', async () => {
    const { page } = await pair('closed');
    const id = await startLongJob('closed', page);
    await page.close();
    expect(await takeOver('closed', id)).toBeLessThan(REQUEUED_WITHIN_MS);
  }, 120_000);

  it('killed: the lease runs out', async () => {
    const { page } = await pair('killed');
    const id = await startLongJob('killed', page);
    const session = await browser.context.newCDPSession(page);
    // Never answered: nobody is left who could.
    session.send('Page.crash').catch(() => undefined);
    expect(await takeOver('killed', id)).toBeLessThan(REQUEUED_WITHIN_MS);
  }, 120_000);

  it('reloaded: is the same device again, and does the job', async () => {
    const { page } = await pair('reloaded');
    const { id } = await service.measure('reloaded', candidate, { ...QUICK });
    await untilState(page, 'measuring');
    const reloadedAtMs = Date.now();
    await page.reload();
    await untilState(page, 'measuring');
    expect(Date.now() - reloadedAtMs).toBeLessThan(REQUEUED_WITHIN_MS);
    await untilState(page, 'waiting');
    expect(await service.untilFinished(id)).toMatchObject({ outcome: 'ok' });
  }, 180_000);

  it('offline: the job is given to others, and the browser comes back', async () => {
    const { page } = await pair('offline');
    const id = await startLongJob('offline', page);
    await browser.context.setOffline(true);
    expect(await takeOver('offline', id)).toBeLessThan(REQUEUED_WITHIN_MS);
    await service.call('DELETE', `/jobs/${id}`);
    await browser.context.setOffline(false);
    await service.untilFinished(id);
    const { id: next } = await service.measure('offline', candidate, QUICK);
    expect(await service.untilFinished(next)).toMatchObject({ outcome: 'ok' });
    expect(await sessions('offline')).toBe(1);
  }, 180_000);

  it('a second tab refuses', async () => {
    await pair('tabs');
    const second = await browser.open(`${service.url}/device`);
    await untilState(second.page, 'another-tab');
  }, 60_000);

  it('a wrong code is refused with a reason', async () => {
    browser = await startBrowser();
    const { page } = await browser.open(`${service.url}/device#ABCD-EFGH`);
    await page.getByRole('button', { name: 'Pair' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/code/i);
  }, 60_000);
});

describe('on an insecure origin', () => {
  it('measures with the coarser clock, says so, and refuses a second tab', async () => {
    const guarded = await startTestApp();
    try {
      const { text } = new TokenRepository(guarded.db).create({ name: 'test', scope: 'admin' });
      const address = await guarded.app.listen({ port: 0, host: '127.0.0.1' });
      const admin = new Service(address, text);
      browser = await startBrowser();
      const pageUrl = address.replace('127.0.0.1', 'lutra.test');
      const { page } = await pairDevice(browser, { pageUrl, code: await admin.code(), device: 'insecure' });
      expect(await page.evaluate(() => self.isSecureContext)).toBe(false);
      const { environment } = await admin.call<DeviceView>('GET', '/devices/insecure');
      expect(environment?.flags).toMatchObject({ isolation: 'not isolated', timerStepUs: '100' });
      // An op is a difference of graphs, and on this clock each of their samples is five milliseconds long, with whatever
      // else the machine does in them: on a crowded one a difference can fall below nothing. That is a failure, never a
      // figure, and the next job measures what lacks.
      let lacking = ['everything'];
      for (let attempt = 0; attempt < ATTEMPTS && lacking.length > 0; attempt++) {
        const { id } = await admin.measure('insecure', LARGE, QUICK);
        const job = await admin.untilFinished(id);
        expect(job.outcome).toBe('ok');
        const { ops } = job.result as MeasureResult;
        // Rows of runs fill the clock's steps: nothing takes no time.
        expect(ops.filter(({ latencyMs }) => latencyMs !== null && !(latencyMs > 0))).toEqual([]);
        const failed = ops.filter(({ latencyMs }) => latencyMs === null);
        for (const { failure } of failed) expect(failure).toMatchObject({ kind: 'nonsense' });
        lacking = failed.map(({ key }) => key);
      }
      expect(lacking).toEqual([]);
      const body = { devices: ['insecure'], candidates: [LARGE], strict: true };
      const { estimates } = await admin.call<EstimateAnswer>('POST', '/estimate', body);
      expect(estimates[0]).toMatchObject({ coverage: 1, missing: [] });
      const second = await browser.open(`${pageUrl}/device`);
      await untilState(second.page, 'another-tab');
    } finally {
      await guarded.close();
    }
  }, 400_000);
});
