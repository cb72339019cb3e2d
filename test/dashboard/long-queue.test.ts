import { expect, it } from 'vitest';
import { submitJob } from '../../services/lease/submit-job.js';
import { measureJob } from '../lease/lease-world.js';
import { servedPages } from './served-pages.js';

const pages = servedPages();

it('with more jobs than are listed, what runs is still there, with the right counts and the next ones first', async () => {
  const running = await pages.service.measure('bench', { zoo: 'mobilenet-v3-tiny' });
  await pages.service.call('POST', '/leases', { worker: 'w', device: 'bench', leaseMs: 60_000 });
  for (let i = 0; i < 250; i++)
    await submitJob(pages.t.db, pages.t.queue, { ...measureJob({ device: 'bench' }), submittedBy: 'ada' });
  const late = await submitJob(pages.t.db, pages.t.queue, {
    ...measureJob({ device: 'bench' }),
    submittedBy: 'bob',
  });
  const { page } = await pages.browser.open(`${pages.service.url}/#/`);
  const card = (name: string) => page.locator('section', { has: page.getByRole('heading', { name }) });
  await card('Running').locator(`a[href="#/jobs/${running.id}"]`).waitFor();
  await card('Waiting').getByText('251 in the queue').waitFor();
  const links = card('Waiting').locator('a.row-name');
  // Ada’s first, then it is Bob’s turn.
  expect(await links.nth(1).getAttribute('href')).toBe(`#/jobs/${late.id}`);
  await card('Waiting').getByRole('button', { name: 'Show the next 100 of 251' }).click();
  expect(await links.count()).toBe(100);
});
