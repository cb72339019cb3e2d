import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AdaptationRequest, AdaptationView } from '../../contracts/adaptation.js';
import type { TrainPayload } from '../../contracts/job.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { BlobStore } from '../../db/blob-store.js';
import { LatencyTableCache } from '../../db/load-latency-table.js';
import { openDatabase } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { collectBlobs } from '../../services/blobs/collect-blobs.js';
import { liveBlobs } from '../../services/blobs/live-blobs.js';
import { isBeyondResuming, RESUMABLE_DAYS } from '../../services/blobs/resumable.js';
import { foldAdaptationView } from '../../services/netadapt/adaptation-view.js';
import { orchestrate } from '../../services/netadapt/orchestrate.js';
import { driveTo } from '../db/drive-to.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { openWithDevice, simulateWorker } from '../netadapt/simulated-worker.js';

const HOUR_MS = 3_600_000;
const inTwoDays = () => Date.now() + 48 * HOUR_MS;

function openStore() {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'lutra.db'));
  onTestFinished(() => {
    db.close();
  });
  return { directory, db, blobs: new BlobStore(directory), jobs: new JobRepository(db) };
}

const payload = (weights: string | null): TrainPayload =>
  ({ kind: 'train', weights }) as unknown as TrainPayload;
const age = (directory: string, sha256: string, hours: number) => {
  const then = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(join(directory, 'blobs', sha256.slice(0, 2), sha256), then, then);
};

describe('collecting blobs', () => {
  it('leaves what jobs and runs refer to, and what is younger than the grace time', async () => {
    const { directory, db, blobs, jobs } = openStore();
    const [used, result, seed, lost, young] = await Promise.all(
      ['used', 'result', 'seed', 'lost', 'young'].map((text) => blobs.put(Buffer.from(text))),
    );
    jobs.create({ kind: 'train', queue: 'train', priority: 0, payload: payload(used!) });
    const done = jobs.create({ kind: 'train', queue: 'train', priority: 0, payload: payload(null) });
    jobs.finish(done.id, { outcome: 'ok', result: { kind: 'train', weights: result! } as never });
    new AdaptationRepository(db).create(
      completeAdaptation({
        device: 'x',
        candidate: { zoo: 'mobilenet-v3-tiny' },
        dataset: { kind: 'mnist' },
        budget: { ratio: 0.5 },
        weights: seed!,
      }),
    );
    for (const sha256 of [used, result, seed, lost]) age(directory, sha256!, 25);
    age(directory, young!, 23);
    expect(await collectBlobs(db, blobs, { dryRun: true })).toEqual({
      deleted: 1,
      freedBytes: 4,
      kept: 4,
      keptBytes: 19,
    });
    expect(await blobs.has(lost!)).toBe(true);
    expect((await collectBlobs(db, blobs)).deleted).toBe(1);
    expect(await blobs.has(lost!)).toBe(false);
    for (const sha256 of [used, result, seed, young]) expect(await blobs.has(sha256!)).toBe(true);
    expect((await collectBlobs(db, blobs, { graceMs: HOUR_MS })).deleted).toBe(1);
    expect(await blobs.has(young!)).toBe(false);
  });

  it('spares a blob that was stored or asked for after it was listed', async () => {
    const { directory, blobs } = openStore();
    const sha256 = await blobs.put(Buffer.from('abc'));
    const unusedSinceMs = Date.now() - 24 * HOUR_MS;
    for (const use of [() => blobs.put(Buffer.from('abc')), () => blobs.touch(sha256)]) {
      age(directory, sha256, 25);
      await use();
      expect(await blobs.remove(sha256, unusedSinceMs)).toBe(false);
      expect(Buffer.from(await blobs.get(sha256)).toString()).toBe('abc');
    }
    age(directory, sha256, 25);
    expect(await blobs.remove(sha256, unusedSinceMs)).toBe(true);
    expect(await blobs.remove(sha256, unusedSinceMs)).toBe(false);
    expect(await blobs.has(sha256)).toBe(false);
  });

  it('never loses a blob that is stored again and again while it is collected', async () => {
    const { directory, blobs } = openStore();
    const sha256 = await blobs.put(Buffer.from('abc'));
    for (let i = 0; i < 200; i++) {
      age(directory, sha256, 25);
      await Promise.all([blobs.remove(sha256, Date.now() - HOUR_MS), blobs.put(Buffer.from('abc'))]);
      // Whoever stores it may refer to it from now on.
      expect(await blobs.has(sha256), `after ${i} rounds`).toBe(true);
    }
  });
});

/** A run over the simulated device, its orchestrator and worker running until the test ends. */
function startRun() {
  const dataDirectory = temporaryDirectory();
  const db = openWithDevice(dataDirectory);
  const blobs = new BlobStore(dataDirectory);
  const options = { width: 1.5 };
  const request: AdaptationRequest = {
    device: 'local',
    candidate: { zoo: 'mobilenet-v3-tiny', options },
    dataset: { kind: 'mnist' },
    budget: { ratio: 0.75 },
    initialReduction: 0.08,
  };
  const stop = new AbortController();
  const seed = buildZooNetwork('mobilenet-v3-tiny', options);
  // Weights of the simulated worker differ only by shape; a blob of equal bytes may serve several proposals.
  const worker = simulateWorker(db, { dataDirectory, seed, signal: stop.signal });
  const orchestrator = orchestrate(
    {
      db,
      queue: new SqliteJobQueue(db),
      blobs,
      tables: new LatencyTableCache(db),
      logger: pino({ level: 'silent' }),
      pollMs: 5,
    },
    { owner: 'test', leaseMs: 30_000, scanMs: 10 },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([worker, orchestrator]);
    db.close();
  });
  const adaptations = new AdaptationRepository(db);
  const { id } = adaptations.create(completeAdaptation(request));
  const view = () => foldAdaptationView(adaptations.get(id), adaptations.events(id, 0));
  return { db, blobs, adaptations, id, view };
}

const stored = async (blobs: BlobStore) => new Set((await blobs.list()).map(({ sha256 }) => sha256));

function shownBy(view: AdaptationView): ReadonlySet<string> {
  const networks = [view.seed, view.final, ...view.iterations.map((iteration) => iteration.network)];
  return new Set(
    [...networks, ...view.baselines.map(({ network }) => network)].flatMap(
      (network) => network?.weights ?? [],
    ),
  );
}

it('a run goes on while blobs are collected; once it is finished only what it shows stays', async () => {
  const { db, blobs, adaptations, id, view } = startRun();
  while (!['finished', 'failed'].includes(adaptations.get(id).status)) {
    // As if what was stored two seconds ago were older than the grace time.
    await collectBlobs(db, blobs, { graceMs: 2_000 });
    await delay(20);
  }
  expect(view()).toMatchObject({ status: 'finished', error: null });
  const before = (await blobs.list()).length;
  const { deleted, kept } = await collectBlobs(db, blobs, { nowMs: inTwoDays() });
  expect(deleted).toBeGreaterThan(0);
  expect(kept).toBe(before - deleted);
  expect(await stored(blobs)).toEqual(shownBy(view()));
  expect(await liveBlobs(db)).toEqual(shownBy(view()));
});

it('a cancelled run keeps what it could go on from for thirty days, then what it shows', async () => {
  const { db, blobs, adaptations, id, view } = startRun();
  while (view().iterations.length < 2) await delay(5);
  adaptations.requestCancel(id);
  while (adaptations.get(id).status !== 'cancelled') await delay(5);
  const before = await stored(blobs);
  expect(shownBy(view()).size).toBeLessThan(before.size);
  const inDays = (days: number) => adaptations.get(id).updatedAtMs + days * 24 * HOUR_MS;
  await collectBlobs(db, blobs, { nowMs: inDays(RESUMABLE_DAYS) });
  expect(await stored(blobs)).toEqual(before);
  expect(isBeyondResuming(adaptations.get(id), inDays(RESUMABLE_DAYS))).toBe(false);
  await collectBlobs(db, blobs, { nowMs: inDays(RESUMABLE_DAYS) + 1 });
  expect(await stored(blobs)).toEqual(shownBy(view()));
  expect(isBeyondResuming(adaptations.get(id), inDays(RESUMABLE_DAYS) + 1)).toBe(true);
});

it('of a run whose events make no sense everything stays, and others are collected', async () => {
  const { directory, db, blobs } = openStore();
  const adaptations = new AdaptationRepository(db);
  const [named, lost] = await Promise.all(['named', 'lost'].map((text) => blobs.put(Buffer.from(text))));
  const { id } = adaptations.create(
    completeAdaptation({
      device: 'x',
      candidate: { zoo: 'mobilenet-v3-tiny' },
      dataset: { kind: 'mnist' },
      budget: { ratio: 0.5 },
    }),
  );
  adaptations.appendEvent(id, 1, 'device-described', { key: 'device', channelStep: 1, environmentHash: 'e' });
  adaptations.appendEvent(id, 2, 'trained', { key: 'seed/train', weights: named });
  adaptations.appendEvent(id, 3, 'measured', { key: 'seed/measure' });
  driveTo(adaptations, id, 'cancelled');
  for (const sha256 of [named, lost]) age(directory, sha256!, 25);
  const nowMs = adaptations.get(id).updatedAtMs + (RESUMABLE_DAYS * 24 + 1) * HOUR_MS;
  expect(() => foldAdaptationView(adaptations.get(id), adaptations.events(id, 0))).toThrow(TypeError);
  expect(await collectBlobs(db, blobs, { nowMs })).toMatchObject({ deleted: 1, kept: 1 });
  expect(await blobs.has(named!)).toBe(true);
});
