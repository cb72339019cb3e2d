import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { startTestApp, type TestApp } from '../api/test-app.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { Service } from './paired-device.js';

let t: TestApp;
let service: Service;
let browser: TestBrowser;
beforeEach(async () => {
  t = await startTestApp();
  service = new Service(await t.app.listen({ port: 0, host: '127.0.0.1' }));
  browser = await startBrowser();
});
afterEach(async () => {
  await browser.close();
  await t.close();
});

it('a job for a class of devices says so wherever it stands, until one of them has it and if none ever had', async () => {
  await service.call('POST', '/devices', { name: 'pi-1', runtime: 'fake', labels: ['pi'] });
  const target = { candidate: { zoo: 'mobilenet-v3-tiny' }, anyDevice: { label: 'pi' } };
  const { job } = await service.call<{ job: JobView }>('POST', '/measure', target);
  expect(job.device).toBeNull();
  const { page } = await browser.open(`${service.url}/#/`);
  await page.getByText('for any device of its class').waitFor();
  new JobRepository(t.db).finish(job.id, { outcome: 'cancelled' });
  for (const path of ['#/', '#/jobs', `#/jobs/${job.id}`]) {
    await page.goto(`${service.url}/${path}`);
    await page.getByText('on any device of its class').waitFor();
  }
  expect(await page.getByText('null').count()).toBe(0);
});
