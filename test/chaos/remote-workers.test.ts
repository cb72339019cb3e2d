import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import type { DatasetSpec } from '../../contracts/job.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { trainQueue } from '../../services/lease/queue-names.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { BLOB_CLASSES, writeBlobsDataset } from '../integration/blobs-dataset.js';
import { trainJob } from '../lease/lease-world.js';
import { Cluster, kill, until } from './cluster.js';
import { violations } from './event-log.js';

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.start();
});
afterEach(() => cluster.close());

const job = async (id: string): Promise<JobView> =>
  (await fetch(`${cluster.url}/jobs/${id}`)).json() as Promise<JobView>;

it('makes a machine a device with one command: registered, described, measured, and gone when it stops', async () => {
  const worker = cluster.worker({ device: 'board', args: ['--label', 'boards'] });
  const device = async () => (await fetch(`${cluster.url}/devices/board`)).json();
  await expect.poll(device, { timeout: 30_000 }).toMatchObject({
    state: 'active',
    labels: ['boards'],
    environment: { runtime: 'fake', threads: 1, pinned: false },
  });
  const body = { device: 'board', candidate: { zoo: 'mobilenet-v3-tiny' } };
  const { body: accepted } = await cluster.post<{ job: JobView }>('/measure', body);
  await until(async () => (await job(accepted.job.id)).status === 'finished');
  const finished = await job(accepted.job.id);
  expect(finished).toMatchObject({ outcome: 'ok', device: 'board', attempts: 1 });
  expect(finished.result).toMatchObject({ kind: 'measure', latencyMs: expect.any(Number) });
  const stopped = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  expect(await stopped).toBe(0);
  expect(violations(cluster.db, 2_000)).toEqual([]);
});

it('trains over HTTP on data that the trainer has; its third death ends the job with the cause', async () => {
  const images = join(temporaryDirectory(), 'blobs');
  writeBlobsDataset(images, { train: 600, test: 100 });
  const queue = new SqliteJobQueue(cluster.db);
  const base = trainJob();
  const submit = async (steps: number, dataset: DatasetSpec = { kind: 'idx', directory: images }) => {
    const payload = {
      ...base.payload,
      network: buildZooNetwork('mobilenet-v3-tiny', { classes: BLOB_CLASSES }),
      dataset,
      recipe: { ...base.payload.recipe, steps },
    };
    return (await submitJob(cluster.db, queue, { ...base, payload, queue: trainQueue(payload.dataset) })).id;
  };
  const rows = new JobRepository(cluster.db);

  const good = await submit(5);
  const wrongData = cluster.trainer(['mnist']);
  const first = cluster.trainer([images]);
  await until(() => rows.get(good).status === 'finished', 50);
  expect(rows.get(good)).toMatchObject({ outcome: 'ok', attempts: 1 });
  const weights = (rows.get(good).result as { weights: string }).weights;
  const blob = await fetch(`${cluster.url}/blobs/${weights}`);
  expect(blob.status).toBe(200);
  await kill(wrongData);

  // The same data under another path will do; other data under the same path will not.
  const sha256 = await datasetHash(images);
  const copy = join(temporaryDirectory(), 'copy');
  writeBlobsDataset(copy, { train: 600, test: 100 });
  const spare = join(temporaryDirectory(), 'spare');
  writeBlobsDataset(spare, { train: 600, test: 100 }, 3);
  const elsewhere = cluster.trainer([copy, spare]);
  const other = join(temporaryDirectory(), 'other');
  writeBlobsDataset(other, { train: 600, test: 100 }, 2);
  const foreign = cluster.trainer([other]);
  await kill(first);
  const moved = await submit(5, { kind: 'idx', directory: other, sha256 });
  await until(() => rows.get(moved).status === 'finished', 50);
  expect(rows.get(moved)).toMatchObject({
    outcome: 'ok',
    worker: expect.stringMatching(`/${elsewhere.pid}$`),
  });
  await kill(foreign);
  // A trainer keeps the last data set in memory: with another one there, it has to read this one anew.
  const between = await submit(5, { kind: 'idx', directory: spare, sha256: await datasetHash(spare) });
  await until(() => rows.get(between).status === 'finished', 50);
  rmSync(join(copy, 't10k-labels-idx1-ubyte'));
  const gone = await submit(5, { kind: 'idx', directory: images, sha256 });
  await until(() => rows.get(gone).status === 'finished', 50);
  expect(rows.get(gone)).toMatchObject({ outcome: 'training-failed', attempts: 1 });
  expect(rows.get(gone).message).toMatch(
    /^unknown-dataset: .*t10k-labels.* is missing\. Put the data set's own files into .*copy on .+, or train where they are/,
  );
  await kill(elsewhere);
  const third = cluster.trainer([images]);

  const endless = await submit(1_000_000);
  let trainer = third;
  for (let death = 1; death <= 3; death++) {
    await until(() => rows.get(endless).attempts === death && rows.get(endless).status === 'running', 50);
    await kill(trainer);
    trainer = cluster.trainer([images]);
  }
  await until(() => rows.get(endless).status === 'finished', 50);
  expect(rows.get(endless)).toMatchObject({ outcome: 'abandoned', attempts: 3 });
  expect(rows.get(endless).message).toMatch(
    /^gave up after 3 workers lost in a row: '.+' stopped renewing its lease$/,
  );
  expect(violations(cluster.db, 2_000)).toEqual([]);
}, 120_000);
