import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobLeases } from '../../db/repositories/job-leases.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { driveTo } from '../db/drive-to.js';
import { blobsRequest } from '../integration/blobs-adaptation.js';
import { trainJob } from '../lease/lease-world.js';
import { servedPages } from './served-pages.js';

const pages = servedPages();

/** A run whose seed is being trained. @returns its id, and what its trainer says of its steps */
function runInTraining() {
  const adaptations = new AdaptationRepository(pages.t.db);
  const { id } = adaptations.create(
    completeAdaptation({ ...blobsRequest(pages.t.directory), device: 'bench' }),
  );
  driveTo(adaptations, id, 'running');
  const job = new JobRepository(pages.t.db).create({ ...trainJob(), adaptationId: id });
  const leases = new JobLeases(pages.t.db);
  const claim = { jobId: job.id, token: 1, attempt: 1 };
  leases.take(claim, { worker: 'w', device: null, leaseMs: 60_000 });
  return { id, train: (done: number) => leases.progress(claim, 60_000, { done, total: 100 }) };
}

it.each(['the run', 'the overview'])('a run gets ahead while it trains, on the page of %s', async (where) => {
  const { id, train } = runInTraining();
  const { page } = await pages.browser.open(
    where === 'the run' ? `${pages.service.url}/#/adaptations/${id}` : `${pages.service.url}/#/`,
  );
  const bar = page.getByRole('progressbar', { name: /Progress of the (run|adaptation)/ });
  const width = () => bar.locator('div').evaluate((node) => Number.parseFloat(node.style.width));
  await bar.waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const asked: number[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith(`/adaptations/${id}`)) asked.push(Date.now());
  });
  let before = await width();
  for (const done of [30, 60, 90]) {
    train(done);
    await expect.poll(width, { timeout: 8_000 }).toBeGreaterThan(before);
    before = await width();
  }
  // However fast the steps go, the run is not folded anew for each.
  for (let done = 91; done < 100; done++) {
    train(done);
    await page.waitForTimeout(200);
  }
  const gaps = asked.slice(1).map((atMs, i) => atMs - asked[i]!);
  expect(Math.min(...gaps)).toBeGreaterThan(1_500);
});

/** A data set of colour images, all alike. */
function writeColours(directory: string, side: number): void {
  const idx = (shape: readonly number[], bytes: Uint8Array) => {
    const header = Buffer.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, 0, size])]);
    return Buffer.concat([header, bytes]);
  };
  mkdirSync(directory);
  for (const split of ['train', 't10k']) {
    const images = new Uint8Array(4 * side * side * 3);
    writeFileSync(join(directory, `${split}-images-idx4-ubyte`), idx([4, side, side, 3], images));
    writeFileSync(join(directory, `${split}-labels-idx1-ubyte`), idx([4], Uint8Array.of(0, 1, 2, 1)));
  }
}

it('the form starts a run on a folder of larger images, in colour', async () => {
  const colours = join(pages.t.directory, 'colours');
  writeColours(colours, 32);
  const { page } = await pages.browser.open(`${pages.service.url}/#/adaptations`);
  await page.locator('select[name=device] option').first().waitFor({ state: 'attached' });
  await page.locator('select[name=zoo]').selectOption('mobilenet-v2');
  await page.getByLabel('Classes').fill('3');
  await page.getByLabel('a folder of IDX files on the server').fill(colours);
  await page.getByLabel('Size of its images').fill('32');
  await page.getByLabel('Channels', { exact: false }).fill('3');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  const [run] = new AdaptationRepository(pages.t.db).list({ limit: 1 });
  expect(run?.request).toMatchObject({
    dataset: { directory: colours },
    candidate: { zoo: 'mobilenet-v2', options: { resolution: 32, inputChannels: 3, classes: 3 } },
  });
});
