import { afterEach, beforeEach, expect, it } from 'vitest';
import { submitJob } from '../../services/lease/submit-job.js';
import { startTestApp, type TestApp } from '../api/test-app.js';
import { measureJob } from '../lease/lease-world.js';
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

it('with more jobs than are listed, what runs is still there, with the right counts and the next ones first', async () => {
  const running = await service.measure('bench', { zoo: 'mobilenet-v3-tiny' });
  await service.call('POST', '/leases', { worker: 'w', device: 'bench', leaseMs: 60_000 });
  for (let i = 0; i < 250; i++)
    await submitJob(t.db, t.queue, { ...measureJob({ device: 'bench' }), submittedBy: 'ada' });
  const late = await submitJob(t.db, t.queue, { ...measureJob({ device: 'bench' }), submittedBy: 'bob' });
  const { page } = await browser.open(`${service.url}/#/`);
  const card = (name: string) => page.locator('section', { has: page.getByRole('heading', { name }) });
  await card('Running').locator(`a[href="#/jobs/${running.id}"]`).waitFor();
  await card('Waiting').getByText('251 in the queue').waitFor();
  const links = card('Waiting').locator('a.row-name');
  // Ada’s first, then it is Bob’s turn.
  expect(await links.nth(1).getAttribute('href')).toBe(`#/jobs/${late.id}`);
  await card('Waiting').getByRole('button', { name: 'Show the next 100 of 251' }).click();
  expect(await links.count()).toBe(100);
});
