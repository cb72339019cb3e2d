import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobLeases } from '../../db/repositories/job-leases.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { submitNoiseCheck } from '../../services/lease/noise-check.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { startTestApp } from '../api/test-app.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { BLOB_CLASSES, writeBlobsDataset } from '../integration/blobs-dataset.js';
import { type GuardedApp, startGuardedApp } from './guarded-app.js';

let t: GuardedApp;
let offered: string;
let queue: SqliteJobQueue;
beforeEach(async () => {
  offered = temporaryDirectory();
  t = await startGuardedApp({ datasetFolders: [offered] });
  queue = new SqliteJobQueue(t.db);
  new DeviceRepository(t.db).register({ name: 'bench', runtime: 'fake', options: { threads: 1 } });
});
afterEach(() => t.close());

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  t.app.inject({
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${t.token('submit')}`, ...headers },
    payload,
  });
const get = (url: string) =>
  t.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${t.token('read')}` } });

const candidate = {
  zoo: 'mobilenet-v3-tiny',
  options: { classes: 10, stemStride: 1, resolution: 28, inputChannels: 1 },
};
const adaptation = { device: 'bench', candidate, dataset: { kind: 'mnist' }, budget: { ratio: 0.5 } };

describe('who submitted it', () => {
  it('stands with jobs', async () => {
    const { job } = (await post('/measure', { device: 'bench', candidate })).json();
    expect(job.submittedBy).toBe('submiter');
    expect((await get(`/jobs/${job.id}`)).json().submittedBy).toBe('submiter');
    expect((await get('/jobs')).json().jobs[0].submittedBy).toBe('submiter');
  });

  it('stands with comparisons, each caller’s taking turns with those of others', async () => {
    const compare = async (scope: 'submit' | 'admin'): Promise<string> => {
      const authorization = `Bearer ${t.token(scope)}`;
      const answer = await post(
        '/comparisons',
        { device: 'bench', a: candidate, b: candidate },
        { authorization },
      );
      const { job } = answer.json();
      expect((await get(`/jobs/${job.id}`)).json().submittedBy).toBe(`${scope}er`);
      return job.id;
    };
    const [first, second] = [await compare('submit'), await compare('submit')];
    const other = await compare('admin');
    const claimed: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) claimed.push((await queue.claim(['device.bench'], 'w', 60_000))?.jobId);
    expect(claimed).toEqual([first, other, second]);
  });

  it('decides how many jobs come before its own, as they are claimed', async () => {
    const measure = async (scope: 'submit' | 'admin'): Promise<string> => {
      const authorization = `Bearer ${t.token(scope)}`;
      return (await post('/measure', { device: 'bench', candidate }, { authorization })).json().job.id;
    };
    const mine = [await measure('submit'), await measure('submit'), await measure('submit')];
    const lease = (await queue.claim(['device.bench'], 'w', 60_000))!;
    new JobLeases(t.db).take(lease, { worker: 'w', device: 'bench', leaseMs: 60_000 });
    const theirs = [await measure('admin'), await measure('admin')];
    const waiting = (await get('/jobs?status=queued')).json().jobs as JobView[];
    const ahead = new Map(waiting.map(({ id, waitsFor }) => [waitsFor?.jobsAhead, id]));
    const order = [theirs[0], mine[1], theirs[1], mine[2]];
    expect([0, 1, 2, 3].map((count) => ahead.get(count))).toEqual(order);
    for (const id of order) expect((await queue.claim(['device.bench'], 'w', 60_000))?.jobId).toBe(id);
  });

  it('stands with noise checks that someone asked for, and with no other', async () => {
    const { jobs } = (await post('/devices/bench/noise-check', {})).json();
    expect(jobs.map((job: JobView) => job.submittedBy)).toEqual(['submiter', 'submiter']);
    for (const { submittedBy } of await submitNoiseCheck(t.db, queue, 'bench'))
      expect(submittedBy).toBeNull();
  });

  it('stands with adaptations', async () => {
    const answer = await post('/adaptations', adaptation);
    expect(answer.statusCode, answer.body).toBe(202);
    const { id } = answer.json().adaptation;
    expect((await get(`/adaptations/${id}`)).json().submittedBy).toBe('submiter');
    expect((await get('/adaptations')).json().adaptations[0].submittedBy).toBe('submiter');
  });

  it('is `local` where no token is needed', async () => {
    const open = await startTestApp();
    try {
      const { job } = (await open.send('POST', '/measure', { device: 'bench', candidate })).json();
      expect(job.submittedBy).toBe('local');
    } finally {
      await open.close();
    }
  });

  it('keeps the idempotency keys of different callers apart', async () => {
    const key = { 'idempotency-key': 'same' };
    const mine = (await post('/measure', { device: 'bench', candidate }, key)).json().job;
    expect((await post('/measure', { device: 'bench', candidate }, key)).json().job.id).toBe(mine.id);
    const theirs = (
      await post(
        '/measure',
        { device: 'bench', candidate },
        { ...key, authorization: `Bearer ${t.token('admin')}` },
      )
    ).json().job;
    expect(theirs.id).not.toBe(mine.id);
  });
});

describe('data sets that a caller with a token names', () => {
  const adapt = (directory: string) =>
    post('/adaptations', { ...adaptation, dataset: { kind: 'idx', directory } });
  const outside = { code: 'unknown-dataset', pointer: '/dataset/directory' };

  it('lie in a folder that the server offers', async () => {
    mkdirSync(join(offered, 'digits'));
    expect((await adapt(join(offered, 'digits'))).json()).toMatchObject({
      code: 'unknown-dataset',
      pointer: '/dataset',
    });
    for (const path of [
      '/etc',
      `${offered}-other`,
      join(offered, '..'),
      'digits',
      '/',
      join(offered, 'none'),
    ]) {
      expect((await adapt(path)).json(), path).toMatchObject(outside);
    }
  });

  it('are stored with the hash of what they hold, and refused when another one was named', async () => {
    const directory = join(offered, 'blobs');
    writeBlobsDataset(directory, { train: 60, test: 20 });
    const body = (more: object) => ({
      ...adaptation,
      candidate: { zoo: 'mobilenet-v3-tiny', options: { classes: BLOB_CLASSES } },
      dataset: { kind: 'idx', directory, ...more },
    });
    const accepted = await post('/adaptations', body({}));
    expect(accepted.statusCode, accepted.body).toBe(202);
    const sha256 = await datasetHash(directory);
    expect(accepted.json().adaptation.request.dataset).toEqual({ kind: 'idx', directory, sha256 });
    expect((await post('/adaptations', body({ sha256 }))).statusCode).toBe(202);
    const other = await post('/adaptations', body({ sha256: '0'.repeat(64) }));
    expect(other.json()).toMatchObject({
      status: 422,
      code: 'dataset-mismatch',
      pointer: '/dataset/sha256',
    });
  });

  it('are not reached through a link that leads out', async () => {
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, 'train-images-idx3-ubyte'), 'x');
    symlinkSync(elsewhere, join(offered, 'link'));
    expect((await adapt(join(offered, 'link'))).json()).toMatchObject(outside);
  });

  it('give nothing away about what is outside', async () => {
    const there = (await adapt('/etc')).json();
    const notThere = (await adapt('/etc-none')).json();
    expect({ ...there, detail: '' }).toEqual({ ...notThere, detail: '' });
    expect(there.detail.replace('/etc', '')).toBe(notThere.detail.replace('/etc-none', ''));
  });
});
