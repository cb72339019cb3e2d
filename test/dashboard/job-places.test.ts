import { expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { servedPages } from './served-pages.js';

const pages = servedPages();

it('a job for a class of devices says so wherever it stands, until one of them has it and if none ever had', async () => {
  await pages.service.call('POST', '/devices', { name: 'pi-1', runtime: 'fake', labels: ['pi'] });
  const target = { candidate: { zoo: 'mobilenet-v3-tiny' }, anyDevice: { label: 'pi' } };
  const { job } = await pages.service.call<{ job: JobView }>('POST', '/measure', target);
  expect(job.device).toBeNull();
  const { page } = await pages.browser.open(`${pages.service.url}/#/`);
  await page.getByText('for any device of its class').waitFor();
  new JobRepository(pages.t.db).finish(job.id, { outcome: 'cancelled' });
  for (const path of ['#/', '#/jobs', `#/jobs/${job.id}`]) {
    await page.goto(`${pages.service.url}/${path}`);
    await page.getByText('on any device of its class').waitFor();
  }
  expect(await page.getByText('null').count()).toBe(0);
});
