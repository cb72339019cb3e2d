import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobRepository } from '../../db/repositories/jobs.js';
import { ApiConnection } from '../../services/lease/api-connection.js';
import { HttpLeaseSource } from '../../services/lease/http-lease-source.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { runWorker } from '../../services/worker/run-worker.js';
import { startTestApp, type TestApp } from '../api/test-app.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { type SlowLink, slowLink } from '../support/slow-link.js';
import { carryOut, expectWork, measureJob } from './lease-world.js';

/** Of a renewal: what is handed in below takes longer, by the link's speed alone. */
const SILENCE_MS = 1_500;
const LEASE_MS = 3 * SILENCE_MS;
const BYTES_PER_SECOND = 150_000;

let app: TestApp;
let link: SlowLink;
let stop: AbortController;
let source: HttpLeaseSource;

beforeEach(async () => {
  app = await startTestApp();
  await app.app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.app.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  link = await slowLink(address.port, BYTES_PER_SECOND);
  stop = new AbortController();
  const api = new ApiConnection(`http://127.0.0.1:${link.port}`, undefined, SILENCE_MS);
  source = new HttpLeaseSource(api, { worker: 'w', device: 'bench', leaseMs: LEASE_MS }, stop.signal);
});
afterEach(async () => {
  stop.abort();
  await link.close();
  await app.close();
});

test('weights of any size come and go over a slow link', async () => {
  const weights = randomBytes(2 * BYTES_PER_SECOND);
  const sha256 = await source.writeBlob(weights);
  expect(Buffer.from(await app.blobs.get(sha256)).equals(weights)).toBe(true);
  expect(Buffer.from(await source.readBlob(sha256)).equals(weights)).toBe(true);
});

test('a report that takes longer on its way than a renewal may arrives', async () => {
  const ops = Array.from({ length: 400 }, (_, i) => `dense:64>${i + 1}:f32`);
  const { id } = await submitJob(app.db, app.queue, measureJob({ device: 'bench', ops }));
  const jobs = new JobRepository(app.db);
  let sentBytes = 0;
  const running = runWorker({
    source,
    perform: async (work) => {
      if (work.kind !== 'measure') throw new Error('not to measure');
      const report = { ...carryOut(work.plan), environment: ENVIRONMENT };
      sentBytes = JSON.stringify(report).length;
      return { kind: 'report', report: { kind: 'measure', report } };
    },
    leaseMs: LEASE_MS,
    pollMs: 10,
    graceMs: 50,
    logger: pino({ level: 'silent' }),
    signal: stop.signal,
  });
  while (jobs.get(id).status !== 'finished') await sleep(10);
  expect(jobs.get(id)).toMatchObject({ outcome: 'ok', attempts: 1 });
  expect((sentBytes / BYTES_PER_SECOND) * 1000).toBeGreaterThan(SILENCE_MS);
  stop.abort();
  await running;
});

test('the start of a long failure is kept', async () => {
  const { id } = await submitJob(
    app.db,
    app.queue,
    measureJob({ device: 'bench', ops: ['dense:64>10:f32'] }),
  );
  const work = expectWork(await source.claim(), 'measure');
  const message = `no kernel for ${'x'.repeat(5_000)}`;
  expect(await source.fail(work.lease, { outcome: 'crashed', message, retry: false })).toBe('committed');
  expect(new JobRepository(app.db).get(id)).toMatchObject({
    outcome: 'crashed',
    message: message.slice(0, 2_000),
  });
});
