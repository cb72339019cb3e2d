import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PROTOCOL } from '../contracts/measurement.js';
import { BlobStore } from '../db/blob-store.js';
import { openDatabase } from '../db/open-database.js';
import { DeviceRepository } from '../db/repositories/devices.js';
import { openQueue } from '../queue/open-queue.js';
import { buildApp } from '../services/api/app.js';
import { ApiConnection } from '../services/lease/api-connection.js';
import { HttpLeaseSource } from '../services/lease/http-lease-source.js';
import type { LeaseSource } from '../services/lease/lease-source.js';
import { LocalLeaseSource } from '../services/lease/local-lease-source.js';
import { submitJob } from '../services/lease/submit-job.js';
import { type BenchLine, judged } from './bench-line.js';
import { plainReport } from './plain-report.js';
import { benchRedis } from './redis-server.js';
import { median } from './timing.js';

const JOBS = 400;
const LEASE_MS = 60_000;

/** The way of a job through each queue, from its submission to its rows in the table, and what HTTP adds to a lease. */
export async function* benchQueues(): AsyncIterable<BenchLine> {
  yield* benchQueue('embedded', undefined);
  const redis = await benchRedis();
  if (redis === null) return;
  try {
    yield* benchQueue('BullMQ', redis.url);
  } finally {
    redis.close();
  }
}

async function* benchQueue(name: string, redisUrl: string | undefined): AsyncIterable<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-bench-'));
  const db = openDatabase(join(folder, 'lutra.db'));
  new DeviceRepository(db).register({
    name: 'bench',
    runtime: 'fake',
    options: { threads: 1, dtype: 'float32' },
  });
  const opened = await openQueue(db, redisUrl, () => undefined);
  const blobs = new BlobStore(folder);
  const app = await buildApp({ db, queue: opened.queue, blobs });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const stop = new AbortController();
  const capabilities = { device: 'bench', hasDataset: null };
  const sources: Readonly<Record<'local' | 'http', LeaseSource>> = {
    local: new LocalLeaseSource({
      db,
      queue: opened.queue,
      blobs,
      worker: 'b',
      capabilities,
      leaseMs: LEASE_MS,
    }),
    http: new HttpLeaseSource(
      new ApiConnection(url, undefined, 10_000),
      { worker: 'b', device: 'bench', leaseMs: LEASE_MS },
      stop.signal,
    ),
  };
  const submit = (i: number) =>
    submitJob(db, opened.queue, {
      kind: 'measure',
      queue: 'device.bench',
      priority: 0,
      submittedBy: `submitter-${i % 3}`,
      payload: {
        kind: 'measure',
        device: 'bench',
        networks: [],
        ops: [`dense:${64 + i}>10:f32`],
        protocol: DEFAULT_PROTOCOL,
        remeasure: true,
      },
    });
  try {
    const startedAtMs = performance.now();
    for (let i = 0; i < JOBS; i++) await submit(i);
    const submittedAtMs = performance.now();
    for (let i = 0; i < JOBS; i++) await claimAndComplete(sources.local);
    const endedAtMs = performance.now();
    yield judged({
      bench: 'queues',
      metric: `${name}: jobs through submit, lease, result and table`,
      value: (1_000 * JOBS) / (endedAtMs - startedAtMs),
      unit: 'jobs/s',
      detail: { jobs: JOBS, submitMs: (submittedAtMs - startedAtMs) / JOBS },
    });
    const tookMs = { local: [] as number[], http: [] as number[] };
    for (let i = 0; i < JOBS; i++) {
      for (const way of ['local', 'http'] as const) {
        await submit(i);
        const before = performance.now();
        await claimAndComplete(sources[way]);
        tookMs[way].push(performance.now() - before);
      }
    }
    yield judged({
      bench: 'queues',
      metric: `${name}: added by HTTP to claim, renewal and result`,
      value: median(tookMs.http) - median(tookMs.local),
      unit: 'ms',
      goal: { atMost: 20 },
      detail: { localMs: median(tookMs.local), httpMs: median(tookMs.http) },
    });
  } finally {
    stop.abort();
    await app.close();
    await opened.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function claimAndComplete(source: LeaseSource): Promise<void> {
  const work = await source.claim();
  if (work?.kind !== 'measure') throw new Error('no job to claim');
  await source.heartbeat(work.lease);
  const answer = await source.complete(work.lease, { kind: 'measure', report: plainReport(work.plan) });
  if (answer !== 'committed') throw new Error(`a result was ${answer}`);
}
