import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TrainPayload } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import type { LeaseSource } from '../../services/lease/lease-source.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { trainQueue } from '../../services/lease/queue-names.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { performTrain } from '../../services/worker/perform-train.js';
import { runWorker } from '../../services/worker/run-worker.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { BLOB_CLASSES, writeBlobsDataset } from '../integration/blobs-dataset.js';
import { trainJob } from '../lease/lease-world.js';

const { TrainProcess } = (await import(
  new URL('../../dist/services/worker/train/train-process.js', import.meta.url).href
)) as typeof import('../../services/worker/train/train-process.js');

const LEASE_MS = 2_000;

let directory: string;
let db: ReturnType<typeof openDatabase>;
let queue: SqliteJobQueue;
let jobs: JobRepository;
let stop: AbortController;
let child: InstanceType<typeof TrainProcess>;
let running: Promise<void>;

beforeEach(() => {
  directory = temporaryDirectory();
  db = openDatabase(join(directory, 'lutra.db'));
  queue = new SqliteJobQueue(db);
  jobs = new JobRepository(db);
  stop = new AbortController();
  child = new TrainProcess(null);
});
afterEach(async () => {
  stop.abort();
  await running;
  child.close();
  db.close();
});

/** A trainer in this process, its child a real one, whose source fails as `changes` say. */
function start(changes: (source: LeaseSource) => Partial<LeaseSource> = () => ({})): void {
  const capabilities = { device: null, hasDataset: () => true };
  const blobs = new BlobStore(directory);
  const local = new LocalLeaseSource({ db, queue, blobs, worker: 'w', capabilities, leaseMs: LEASE_MS });
  const source = Object.assign(Object.create(local) as LeaseSource, changes(local));
  running = runWorker({
    source,
    perform: performTrain(source, child),
    leaseMs: LEASE_MS,
    pollMs: 10,
    graceMs: 50,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
  });
}

async function submit(changes: Partial<TrainPayload>): Promise<string> {
  const base = trainJob();
  const images = join(directory, 'images');
  writeBlobsDataset(images, { train: 200, test: 50 });
  const payload: TrainPayload = {
    ...base.payload,
    network: buildZooNetwork('mobilenet-v3-tiny', { classes: BLOB_CLASSES }),
    dataset: { kind: 'idx', directory: images },
    ...changes,
  };
  return (await submitJob(db, queue, { ...base, payload, queue: trainQueue(payload.dataset) })).id;
}

async function finished(id: string) {
  while (jobs.get(id).status !== 'finished') await sleep(10);
  return jobs.get(id);
}

test('weights that were trained are stored once the way is open again, not trained anew', async () => {
  let tries = 0;
  start((source) => ({
    writeBlob: async (bytes) => {
      if (tries++ < 3) throw new LutraError('api-unreachable', 'cut');
      return source.writeBlob(bytes);
    },
  }));
  const id = await submit({});
  expect(await finished(id)).toMatchObject({ outcome: 'ok', attempts: 1 });
});

test('weights that are damaged on disk are the reason, in these words', async () => {
  const sha256 = await new BlobStore(directory).put(Buffer.from('weights'));
  writeFileSync(join(directory, 'blobs', sha256.slice(0, 2), sha256), 'wrights');
  start();
  const id = await submit({ weights: sha256 });
  expect(await finished(id)).toMatchObject({
    outcome: 'crashed',
    message: `internal: blob ${sha256} is damaged on disk`,
    attempts: 3,
  });
});
