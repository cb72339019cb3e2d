import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EstimateAnswer } from '../../contracts/http/estimate.js';
import type { JobList } from '../../contracts/http/job-view.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { blobsRequest, submitAdaptation, untilEnded } from '../integration/blobs-adaptation.js';
import { writeBlobsDataset } from '../integration/blobs-dataset.js';
import { RunningService } from '../integration/running-service.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { pairDevice, Service } from './paired-device.js';

const DEVICE = 'chromium';
let directory: string;
let serving: RunningService;
let browser: TestBrowser;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lutra-browser-'));
  writeBlobsDataset(join(directory, 'blobs'), { train: 800, test: 300 });
  serving = await RunningService.start(join(directory, 'data'), {});
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await serving?.stop();
  rmSync(directory, { recursive: true, force: true });
});

it('a paired browser measures ops, yields a table with an estimate, and an adaptation runs to its end on it', async () => {
  const service = new Service(serving.url);
  const { page, complaints } = await pairDevice(browser, {
    pageUrl: serving.url,
    code: await service.code(),
    device: DEVICE,
  });
  const request = blobsRequest(join(directory, 'blobs'));
  const { candidate } = request;

  const measured = await service.measureAll(DEVICE, candidate);
  expect(measured).toMatchObject({ outcome: 'ok', worker: 'browser' });
  const table = await service.call<LatencyTableView>('GET', `/latency-table?device=${DEVICE}`);
  expect(table.entryCount).toBeGreaterThan(10);
  const estimates = { devices: [DEVICE], candidates: [candidate] };
  const [estimate] = (await service.call<EstimateAnswer>('POST', '/estimate', estimates)).estimates;
  expect(estimate).toMatchObject({ coverage: 1, missing: [] });
  expect(estimate?.latencyMs).toBeGreaterThan(0);

  const run = await untilEnded(
    serving.url,
    await submitAdaptation(serving.url, {
      ...request,
      device: DEVICE,
      initialReduction: 0.08,
      maxIterations: 3,
      baselines: false,
      macsBaseline: false,
    }),
  );
  expect(run).toMatchObject({ status: 'finished', error: null });
  expect(run.iterations.length).toBeGreaterThan(0);
  const { seed, final } = run;
  // The seed and the last network were measured in the browser, and the last one lost channels.
  expect(seed?.latencies[DEVICE]?.latencyMs).toBeGreaterThan(0);
  expect(final?.latencies[DEVICE]?.latencyMs).toBeGreaterThan(0);
  expect(final!.macs).toBeLessThan(seed!.macs);
  const { jobs } = await service.call<JobList>('GET', `/jobs?kind=measure&adaptation=${run.id}`);
  expect(jobs.length).toBeGreaterThan(2);
  expect(jobs.every(({ worker, outcome }) => worker === 'browser' && outcome === 'ok')).toBe(true);
  await expect.poll(() => page.locator('[data-state]').getAttribute('data-state')).toBe('waiting');
  // A renewal that crosses the result on its way is answered with 409, which the browser notes.
  expect(complaints.filter((complaint) => !/status of 409/.test(complaint))).toEqual([]);
}, 400_000);
