import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MeasureResult } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import type { FakeRule } from '../../runtimes/fake/fake-options.js';
import { cancelJob } from '../../services/lease/cancel-job.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { runWorker } from '../../services/worker/run-worker.js';

const built = (path: string) => new URL(`../../dist/services/worker/${path}`, import.meta.url).href;
const { performMeasure } = (await import(
  built('perform-measure.js')
)) as typeof import('../../services/worker/perform-measure.js');
const { describeDevice } = (await import(
  built('measure/describe-device.js')
)) as typeof import('../../services/worker/measure/describe-device.js');

const GOOD = 'dense:64>32:relu:f32';
const BAD = 'dense:64>48:relu:f32';
const LEASE_MS = 3_000;
let folder: string;
let db: Database;
let queue: SqliteJobQueue;
let jobs: JobRepository;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lutra-worker-'));
  db = openDatabase(join(folder, 'lutra.db'));
  queue = new SqliteJobQueue(db);
  jobs = new JobRepository(db);
  stop = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await running;
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A worker of a fake device that obeys the rules, in this process; its measuring children are real ones. */
async function startWorker(rules: readonly FakeRule[], graceMs = 50): Promise<void> {
  const runtimeOptions = { rules };
  const devices = new DeviceRepository(db);
  devices.register({ name: 'fake', runtime: 'fake', options: { threads: 1, runtimeOptions } });
  devices.setEnvironment('fake', await describeDevice({ runtime: 'fake', threads: 1, runtimeOptions }, null));
  const blobs = new BlobStore(folder);
  const capabilities = { device: 'fake', hasDataset: null };
  running = runWorker({
    source: new LocalLeaseSource({ db, queue, blobs, worker: 'w', capabilities, leaseMs: LEASE_MS }),
    perform: performMeasure(null, []),
    leaseMs: LEASE_MS,
    pollMs: 10,
    graceMs,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
  });
}

async function submit(ops: readonly string[], networks: readonly unknown[] = []): Promise<string> {
  const { id } = await submitJob(db, queue, {
    kind: 'measure',
    queue: 'device.fake',
    priority: 0,
    payload: {
      kind: 'measure',
      device: 'fake',
      networks: [...networks],
      ops: [...ops],
      protocol: { ...DEFAULT_PROTOCOL, subjectTimeoutMs: 6_000 },
      remeasure: false,
    },
  });
  return id;
}

async function until(id: string, status: string) {
  for (;;) {
    const job = jobs.get(id);
    if (job.status === status) return job;
    await sleep(10);
  }
}

test.each([
  ['crash', 'crashed'],
  ['hang', 'timeout'],
  ['zero', 'nonsense'],
  ['nan', 'nonsense'],
] as const)(
  'a device that does %s yields a stored failure, and the next job runs',
  async (behaviour, outcome) => {
    await startWorker([{ match: `op:${BAD}`, behaviour }]);
    const failed = await until(await submit([BAD]), 'finished');
    expect(failed.outcome).toBe(outcome);
    expect((failed.result as MeasureResult).ops).toMatchObject([
      { key: BAD, latencyMs: null, failure: { kind: outcome } },
    ]);
    const stored = db.prepare("SELECT failure_kind FROM measurement WHERE subject_kind = 'op'").pluck().all();
    expect(stored).toEqual([outcome]);
    const next = await until(await submit([GOOD]), 'finished');
    expect(next.outcome).toBe('ok');
  },
);

test('a network is measured with the ops that the table lacks; asked again, they come from the table', async () => {
  await startWorker([]);
  const network = buildZooNetwork('mobilenet-v3-tiny', {});
  const first = await until(await submit([GOOD, BAD], [network]), 'finished');
  expect((first.result as MeasureResult).latencyMs).toBeGreaterThan(0);
  const second = await until(await submit([GOOD, BAD]), 'finished');
  expect((second.result as MeasureResult).ops.map(({ source }) => source)).toEqual(['table', 'table']);
});

test('cancelling stops the child and ends the job; the next job runs', async () => {
  await startWorker([{ match: `op:${BAD}`, behaviour: 'hang' }]);
  const id = await submit([BAD]);
  await until(id, 'running');
  await cancelJob(db, queue, id);
  expect((await until(id, 'finished')).outcome).toBe('cancelled');
  expect((await until(await submit([GOOD]), 'finished')).outcome).toBe('ok');
});

test('a worker that is asked to stop hands unfinished work back unharmed', async () => {
  await startWorker([{ match: `op:${BAD}`, behaviour: 'hang' }]);
  const id = await submit([BAD]);
  await until(id, 'running');
  stop.abort();
  await running;
  expect(jobs.get(id).status).toBe('queued');
  const lease = await queue.claim(['device.fake'], 'another', LEASE_MS);
  expect(lease).toMatchObject({ jobId: id, attempt: 1 });
});
