import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LutraError } from '../../core/errors.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import type { LeaseSource } from '../../services/lease/lease-source.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { type Perform, runWorker } from '../../services/worker/run-worker.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { carryOut, measureJob } from '../lease/lease-world.js';

const LEASE_MS = 900;
const UNREACHABLE = new LutraError('api-unreachable', 'cut');
const FULL = new LutraError('database-full', 'no space is left');

let db: ReturnType<typeof openDatabase>;
let jobs: JobRepository;
let source: LocalLeaseSource;
let stop: AbortController;
let running: Promise<void>;
let id: string;

beforeEach(async () => {
  const directory = temporaryDirectory();
  db = openDatabase(`${directory}/lutra.db`);
  jobs = new JobRepository(db);
  const queue = new SqliteJobQueue(db);
  new DeviceRepository(db).register({
    name: 'local',
    runtime: 'fake',
    options: { threads: 1, dtype: 'float32' },
  });
  const capabilities = { device: 'local', hasDataset: null };
  const blobs = new BlobStore(directory);
  source = new LocalLeaseSource({ db, queue, blobs, worker: 'w', capabilities, leaseMs: LEASE_MS });
  stop = new AbortController();
  running = Promise.resolve();
  id = (await submitJob(db, queue, measureJob({ ops: ['dense:64>10:f32'] }))).id;
});
afterEach(async () => {
  stop.abort();
  await running;
  db.close();
});

/** The source behind a link that fails as `changes` say. */
function start(perform: Perform, changes: Partial<LeaseSource>, patienceMs = 60_000): void {
  const linked = Object.assign(Object.create(source) as LeaseSource, changes);
  running = runWorker({
    source: linked,
    perform,
    leaseMs: LEASE_MS,
    pollMs: 10,
    graceMs: 50,
    patienceMs,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
  });
}

const measured: Perform = async (work) => {
  if (work.kind !== 'measure') throw new Error('not to measure');
  return { kind: 'report', report: { kind: 'measure', report: carryOut(work.plan) } };
};

async function finished() {
  while (jobs.get(id).status !== 'finished') await sleep(10);
  return jobs.get(id);
}

test('a result is sent again until it arrives, under a lease that is renewed meanwhile', async () => {
  let tries = 0;
  start(measured, {
    complete: async (lease, report) => {
      if (tries++ < 5) throw UNREACHABLE;
      return source.complete(lease, report);
    },
  });
  expect(await finished()).toMatchObject({ outcome: 'ok', attempts: 1 });
  expect(tries).toBe(6);
});

test('a result that was stored, though the answer to it was lost, counts once', async () => {
  let tries = 0;
  start(measured, {
    complete: async (lease, report) => {
      const answer = await source.complete(lease, report);
      if (tries++ === 0) throw UNREACHABLE;
      return answer;
    },
  });
  expect((await finished()).outcome).toBe('ok');
  while (tries < 2) await sleep(10);
  expect(db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(1);
});

test('a result that is refused ends the job with the reason, not the worker', async () => {
  start(measured, {
    complete: async () => {
      throw new LutraError('invalid-request', '/report/probes/0: there twice');
    },
  });
  expect(await finished()).toMatchObject({
    outcome: 'nonsense',
    message: 'the result was refused: /report/probes/0: there twice',
    attempts: 1,
  });
});

test('a result is kept until a full disk has room for it', async () => {
  let tries = 0;
  start(measured, {
    complete: async (lease, report) => {
      if (tries++ < 3) throw FULL;
      return source.complete(lease, report);
    },
  });
  expect(await finished()).toMatchObject({ outcome: 'ok', attempts: 1 });
});

test.each([
  { what: 'a job whose result found no room for long waits, unharmed', error: FULL, attempts: [1, 1] },
  {
    what: 'a device is not held for ever by a result that never arrives, though renewals do',
    error: UNREACHABLE,
    attempts: [1, 2],
  },
])('$what', async ({ error, attempts }) => {
  const claims: number[] = [];
  start(
    (work, control) => {
      claims.push(work.lease.attempt);
      return measured(work, control);
    },
    {
      complete: async (lease, report) => {
        if (claims.length === 1) throw error;
        return source.complete(lease, report);
      },
    },
    100,
  );
  expect(await finished()).toMatchObject({ outcome: 'ok', attempts: attempts.at(-1) });
  expect(claims).toEqual(attempts);
});

test('whatever breaks the work is stored as what it was, after as many attempts as any crash', async () => {
  start(async () => {
    throw new Error('no thread could be started');
  }, {});
  expect(await finished()).toMatchObject({
    outcome: 'crashed',
    message: 'no thread could be started',
    attempts: 3,
  });
});

test('work is interrupted by the worker’s own clock when no renewal gets through for a whole lease', async () => {
  const interruptions: { readonly afterMs: number; readonly because: unknown }[] = [];
  let cut = true;
  const startedAtMs = performance.now();
  start(
    async (work, { signal, ...control }) => {
      if (!cut) return measured(work, { signal, ...control });
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          interruptions.push({
            afterMs: performance.now() - startedAtMs,
            because: (signal.reason as Error).cause,
          });
          cut = false;
          reject(signal.reason);
        });
      });
    },
    {
      heartbeat: async (lease, progress) => {
        if (cut) throw UNREACHABLE;
        return source.heartbeat(lease, progress);
      },
    },
  );
  expect(await finished()).toMatchObject({ outcome: 'ok', attempts: 2 });
  expect(interruptions).toMatchObject([{ because: 'lost' }]);
  expect(interruptions[0]!.afterMs).toBeGreaterThanOrEqual(LEASE_MS);
});

test('a stop that comes while the source is asked for work hands back what it gave', async () => {
  const interruptions: unknown[] = [];
  start(
    (_work, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          interruptions.push((signal.reason as Error).cause);
          reject(signal.reason);
        });
      }),
    {
      claim: async () => {
        const work = await source.claim();
        stop.abort();
        return work;
      },
    },
  );
  await running;
  expect(interruptions).toEqual(['stopped']);
  expect(jobs.get(id)).toMatchObject({ status: 'queued' });
});
