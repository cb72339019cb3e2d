import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { noiseNetworks } from '../../core/measurement/noise-networks.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { NoiseFloorRepository } from '../../db/repositories/noise-floors.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { submitNoiseCheck } from '../../services/lease/noise-check.js';
import { MOVED, sessionReport } from '../db/session-report.js';

const DAY_MS = 24 * 3_600_000;
const NETWORKS = noiseNetworks();

let directory: string;
let db: Database;
let nowMs: number;
let source: LocalLeaseSource;
let queue: SqliteJobQueue;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lutra-noise-'));
  db = openDatabase(join(directory, 'lutra.db'));
  nowMs = Date.now();
  queue = new SqliteJobQueue(db, () => nowMs);
  new DeviceRepository(db).register({
    name: 'bench',
    runtime: 'fake',
    options: { threads: 1, dtype: 'float32' },
  });
  source = newSource();
});
afterEach(() => {
  db.close();
  rmSync(directory, { recursive: true, force: true });
});

const newSource = (noiseCheckEveryMs: number | null = DAY_MS) =>
  new LocalLeaseSource({
    db,
    queue,
    blobs: new BlobStore(directory),
    worker: 'w',
    capabilities: { device: 'bench', hasDataset: null },
    leaseMs: 60_000,
    ...(noiseCheckEveryMs === null ? {} : { noiseCheckEveryMs }),
    now: () => nowMs,
  });

const measureOnce = () =>
  new MeasurementRepository(db).commitSession({
    deviceName: 'bench',
    jobId: null,
    report: sessionReport({ endedAtMs: nowMs }),
  });

/** Claims and completes one noise-check job, all networks taking `factor` times a millisecond. */
async function perform(factor: number, observations?: Readonly<Record<string, unknown>>): Promise<void> {
  const work = (await source.claim())!;
  expect(work.kind).toBe('measure');
  const report = sessionReport({
    networks: NETWORKS.map((network) => ({ network, latencyNs: 1e6 * factor })),
    endedAtMs: nowMs,
    ...(observations === undefined ? {} : { observations }),
  });
  await source.complete(work.lease, { kind: 'measure', report });
}

const later = (ms: number) => {
  nowMs += ms;
};
const jobs = () => new JobRepository(db).list({ limit: 100 });

describe('a noise check', () => {
  it('is two sessions of the same networks; the second yields the floor', async () => {
    await submitNoiseCheck(db, queue, 'bench');
    await perform(1);
    expect(new DeviceRepository(db).health('bench').noiseChecks).toEqual([]);
    await perform(Math.exp(0.01));
    const { noise, noiseChecks } = new DeviceRepository(db).health('bench');
    expect(noise).toBeCloseTo(0.0196, 6);
    expect(noiseChecks).toMatchObject([{ firstSessionId: 1, secondSessionId: 2 }]);
    expect(noiseChecks[0]!.pairs).toHaveLength(NETWORKS.length);
  });

  it('pairs no session twice, and no rejected one', async () => {
    await submitNoiseCheck(db, queue, 'bench');
    await perform(1);
    for (let attempt = 0; attempt < 3; attempt++) {
      await perform(3, MOVED);
      later(10_000);
    }
    await submitNoiseCheck(db, queue, 'bench');
    await perform(1.01);
    await perform(1.02);
    const checks = new DeviceRepository(db).health('bench').noiseChecks;
    expect(checks.map(({ firstSessionId, secondSessionId }) => [firstSessionId, secondSessionId])).toEqual([
      [1, 5],
    ]);
  });

  it('cannot be changed afterwards', async () => {
    await submitNoiseCheck(db, queue, 'bench');
    await perform(1);
    await perform(1);
    expect(() => db.prepare('UPDATE noise_floor SET floor = 0').run()).toThrow(/append-only/);
    expect(() => db.prepare('DELETE FROM noise_floor').run()).toThrow(/append-only/);
  });
});

describe('an idle device', () => {
  it('asks for a check by itself, once a day', async () => {
    measureOnce();
    expect(await source.claim()).toBeNull();
    expect(jobs().map(({ payload }) => payload)).toMatchObject([
      { aim: 'noise-check', device: 'bench' },
      { aim: 'noise-check', device: 'bench' },
    ]);
    await perform(1);
    await perform(1);
    later(DAY_MS - 1);
    await source.claim();
    expect(jobs()).toHaveLength(2);
    later(6_000);
    await source.claim();
    expect(jobs()).toHaveLength(4);
    expect(new NoiseFloorRepository(db).checks(1)).toHaveLength(1);
  });

  it('is not one that never measured, is drained, or whose worker was not asked to', async () => {
    await source.claim();
    measureOnce();
    await newSource(null).claim();
    new DeviceRepository(db).drain('bench');
    later(10_000);
    await source.claim();
    expect(jobs()).toEqual([]);
  });

  it('asks again on the next day only, even when the check failed', async () => {
    measureOnce();
    await source.claim();
    for (const { id } of jobs()) new JobRepository(db, () => nowMs).finish(id, { outcome: 'cancelled' });
    later(DAY_MS / 2);
    await newSource().claim();
    expect(jobs()).toHaveLength(2);
    later(DAY_MS);
    await newSource().claim();
    expect(jobs()).toHaveLength(4);
  });

  it('leaves a minute after other work, and none is under way', async () => {
    measureOnce();
    const protocol = DEFAULT_PROTOCOL;
    const payload = {
      kind: 'measure' as const,
      device: 'bench',
      networks: [],
      ops: [],
      protocol,
      remeasure: false,
    };
    const job = new JobRepository(db).create({
      kind: 'measure',
      queue: 'device.bench',
      priority: 0,
      payload,
    });
    later(120_000);
    await newSource().claim();
    expect(jobs()).toHaveLength(1);
    new JobRepository(db, () => nowMs).finish(job.id, { outcome: 'cancelled' });
    later(59_000);
    await newSource().claim();
    expect(jobs()).toHaveLength(1);
    later(2_000);
    await newSource().claim();
    expect(jobs()).toHaveLength(3);
  });
});
