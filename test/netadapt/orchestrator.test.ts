import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { BlobStore } from '../../db/blob-store.js';
import { LatencyTableCache } from '../../db/load-latency-table.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { foldAdaptationView } from '../../services/netadapt/adaptation-view.js';
import { orchestrate } from '../../services/netadapt/orchestrate.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { fillDisk, mountSmallDisk } from '../support/small-disk.js';
import { SimulatedDevice } from './simulated-device.js';
import { openWithDevice, type SimulatedWorkerOptions, simulateWorker } from './simulated-worker.js';

const OPTIONS = { width: 1.5 };
const SEED = buildZooNetwork('mobilenet-v3-tiny', OPTIONS);

const REQUEST: AdaptationRequest = {
  device: 'local',
  candidate: { zoo: 'mobilenet-v3-tiny', options: OPTIONS },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.7 },
  initialReduction: 0.08,
};

/** Orchestrator and worker in this process, over a real database; both stop with the test. */
function startAll(
  options: Partial<SimulatedWorkerOptions> = {},
  others: Readonly<Record<string, SimulatedDevice>> = {},
  {
    linked = (queue: JobQueue) => queue,
    logger = pino({ level: 'silent' }) as Logger,
    dataDirectory = temporaryDirectory(),
  } = {},
) {
  const db = openWithDevice(dataDirectory, ['local', ...Object.keys(others)]);
  const stop = new AbortController();
  const common = { dataDirectory, seed: SEED, signal: stop.signal };
  const workers = [
    simulateWorker(db, { ...common, ...options }),
    ...Object.entries(others).map(([name, simulated]) =>
      simulateWorker(db, { ...common, device: { name, simulated } }),
    ),
  ];
  const orchestratorDb = openDatabase(db.name);
  const queue = linked(new SqliteJobQueue(orchestratorDb));
  const orchestrator = startOrchestrator(orchestratorDb, dataDirectory, stop.signal, { queue, logger });
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([...workers, orchestrator]);
    orchestratorDb.close();
    db.close();
  });
  return {
    db,
    orchestratorDb,
    dataDirectory,
    adaptations: new AdaptationRepository(db),
    jobs: new JobRepository(db),
  };
}

function startOrchestrator(
  db: Database,
  dataDirectory: string,
  signal: AbortSignal,
  { logger = pino({ level: 'silent' }) as Logger, queue = new SqliteJobQueue(db) as JobQueue } = {},
): Promise<void> {
  const context = {
    db,
    queue,
    blobs: new BlobStore(dataDirectory),
    tables: new LatencyTableCache(db),
    logger,
    pollMs: 5,
  };
  return orchestrate(context, { owner: 'test', leaseMs: 3_000, scanMs: 10 }, signal);
}

/** What an orchestrator says of its errors, line by line. */
function listen() {
  const words: string[] = [];
  return { words, logger: pino({ level: 'error' }, { write: (line: string) => words.push(line) }) as Logger };
}

/** Takes every page that the file has: short rows still find room among their like, a job with a network does not. */
function fillDatabase(db: Database): void {
  db.pragma('max_page_count = 1');
  const insert = db.prepare('INSERT INTO network (hash, document, created_at_ms) VALUES (?, ?, 0)');
  const fill = () => {
    for (let i = 0; ; i++) insert.run(`filler ${i}`, JSON.stringify('x'.repeat(3_900)));
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
}

async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen) return seen;
    await delay(5);
  }
}

function viewOf(adaptations: AdaptationRepository, id: string) {
  return foldAdaptationView(adaptations.get(id), adaptations.events(id, 0));
}

const ENDED = ['finished', 'failed', 'cancelled'];

async function ended(adaptations: AdaptationRepository, id: string) {
  await until(() => ENDED.includes(adaptations.get(id).status));
  return viewOf(adaptations, id);
}

describe('the orchestrator', () => {
  it('takes a run from its request to a verified network, trained and compared', async () => {
    const { adaptations, jobs } = startAll();
    const { id } = adaptations.create(completeAdaptation(REQUEST));
    const view = await ended(adaptations, id);
    expect(view.error).toBeNull();
    expect(view).toMatchObject({ status: 'finished', phase: 'done', budgetMet: true });
    expect(view.final!.interval!.highMs).toBeLessThanOrEqual(view.budgetMs!);
    expect(view.final!.test!.count).toBe(5000);
    expect(view.final!.macs).toBeLessThan(view.seed!.macs);
    expect(view.final!.weights).toMatch(/^[0-9a-f]{64}$/);
    expect(view.seed!.test).not.toBeNull();
    expect(view.baselines.map(({ name }) => name)).toEqual([
      'seed',
      'uniform',
      'uniform-stepped',
      'netadapt-macs',
    ]);
    expect(view.progress.done).toBe(view.progress.total);
    for (const { target, targetMs, proposals, network, nullProposal } of view.iterations) {
      expect(targetMs).toBe(target);
      expect(nullProposal).not.toBeNull();
      expect(network!.weights).not.toBeNull();
      for (const { estimate, estimateMs, holdout, score } of proposals) {
        expect(estimateMs).toBe(estimate);
        expect(estimate).toBeLessThanOrEqual(target);
        expect(holdout).not.toBeNull();
        expect(score).not.toBeNull();
      }
    }
    const all = jobs.list({ adaptationId: id, limit: 1000 });
    expect(all.every(({ outcome }) => outcome === 'ok')).toBe(true);
    // Every op is measured once, in jobs of at most 64.
    const ops = all.flatMap(({ payload }) => (payload.kind === 'measure' ? [payload.ops] : []));
    expect(Math.max(...ops.map(({ length }) => length))).toBeLessThanOrEqual(64);
    expect(new Set(ops.flat()).size).toBe(ops.flat().length);
  });

  it('has the seed teach every training whose recipe distils, and sends no teacher to others', async () => {
    const { adaptations, jobs } = startAll({
      trainingFailure: ({ recipe, teacher }) =>
        recipe.distillation > 0 && teacher === null ? 'a recipe with distillation needs a teacher' : null,
    });
    const recipes = { fineTune: { distillation: 0.5 }, final: { distillation: 0 } };
    const request = { ...REQUEST, maxIterations: 1, baselines: false, recipes };
    const { id } = adaptations.create(completeAdaptation(request));
    expect(await ended(adaptations, id)).toMatchObject({ status: 'finished', error: null });
    const seed = adaptations
      .events(id, 0)
      .find(({ data }) => (data as { key: string }).key === 'seed/train')!;
    const { weights } = seed.data as { weights: string };
    const trainings = jobs
      .list({ adaptationId: id, limit: 1000 })
      .flatMap(({ payload }) => (payload.kind === 'train' ? [payload] : []));
    const taught = trainings.filter(({ recipe }) => recipe.distillation > 0);
    expect(taught.length).toBeGreaterThan(3);
    for (const { teacher } of taught) expect(teacher).toEqual({ network: SEED, weights });
    const others = trainings.filter(({ recipe }) => recipe.distillation === 0);
    expect(others.length).toBeGreaterThan(2);
    for (const { teacher } of others) expect(teacher).toBeNull();
  });

  it('hands all proposals of an iteration to the trainers at once', async () => {
    let run = '';
    let held = 0;
    const { adaptations, jobs } = startAll({
      // Does no fine-tuning before all of them wait: this would never end if they came one by one.
      onJob: async (kind, jobId) => {
        if (kind !== 'train' || held > 0 || jobs.get(jobId).seq === 1) return;
        const { iterations } = await until(() => {
          const view = viewOf(adaptations, run);
          return view.iterations.length > 0 && view;
        });
        const all = iterations[0]!.proposals.length + 1;
        await until(() => jobs.list({ status: 'queued', kind: 'train', limit: 100 }).length === all - 1);
        held = all;
      },
    });
    run = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false })).id;
    expect((await ended(adaptations, run)).status).toBe('finished');
    expect(held).toBeGreaterThan(3);
  });

  it('drives several runs at once, which share the table', async () => {
    const { adaptations, jobs } = startAll();
    const request = completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false });
    const ids = [1, 2, 3].map((randomSeed) => adaptations.create({ ...request, randomSeed }).id);
    const views = await Promise.all(ids.map((id) => ended(adaptations, id)));
    expect(views.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    const widths = views.map(({ iterations }) =>
      iterations.map(({ proposals }) => proposals.map(({ group, width }) => `${group}>${width}`)),
    );
    expect(widths[1]).toEqual(widths[0]);
    expect(widths[2]).toEqual(widths[0]);
    expect(jobs.list({ adaptationId: ids[2]!, limit: 500 }).length).toBeGreaterThan(5);
  });

  it('stops a run that is cancelled, frees the trainers, and goes on when it is resumed', async () => {
    const { adaptations, jobs } = startAll({ onJob: () => delay(15) });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 2, baselines: false }));
    await until(() => adaptations.events(id, 0).some(({ type }) => type === 'proposed'));
    adaptations.requestCancel(id);
    const cancelled = await ended(adaptations, id);
    expect(cancelled.status).toBe('cancelled');
    await until(() =>
      jobs.list({ adaptationId: id, limit: 500 }).every(({ status }) => status === 'finished'),
    );
    expect(jobs.list({ adaptationId: id, limit: 500 }).some(({ outcome }) => outcome === 'cancelled')).toBe(
      true,
    );
    adaptations.resume(id);
    const view = await ended(adaptations, id);
    expect(view.status).toBe('finished');
    const types = adaptations.events(id, 0).map(({ type }) => type);
    expect(types.filter((type) => type === 'cancelled' || type === 'resumed')).toEqual([
      'cancelled',
      'resumed',
    ]);
  });

  it('goes on with a run that is resumed while it is still being cancelled', async () => {
    let resumed = false;
    const linked = (queue: JobQueue) =>
      Object.assign(Object.create(queue) as JobQueue, {
        cancel: async (jobId: string) => {
          if (!resumed) expect(adaptations.get(id).status).toBe('running');
          resumed = true;
          adaptations.resume(id);
          return queue.cancel(jobId);
        },
      });
    const { adaptations } = startAll({ onJob: () => delay(15) }, {}, { linked });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    await until(() => adaptations.events(id, 0).some(({ type }) => type === 'proposed'));
    adaptations.requestCancel(id);
    expect((await ended(adaptations, id)).status).toBe('finished');
    expect(resumed).toBe(true);
    const types = adaptations.events(id, 0).map(({ type }) => type);
    expect(types.filter((type) => type === 'cancelled' || type === 'resumed')).toEqual([
      'cancelled',
      'resumed',
    ]);
  });

  it('outlives a database that cannot be written for a while', async () => {
    const dataDirectory = temporaryDirectory();
    const db = openWithDevice(dataDirectory);
    const holder = openWithDevice(dataDirectory, []);
    const adaptations = new AdaptationRepository(db);
    // With no worker beside it, the run waits for its first job.
    const { id } = adaptations.create(completeAdaptation(REQUEST));
    db.pragma('busy_timeout = 1');
    holder.exec('BEGIN IMMEDIATE');
    const words: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => words.push(line) });
    const stop = new AbortController();
    const orchestrator = startOrchestrator(db, dataDirectory, stop.signal, { logger });
    onTestFinished(async () => {
      stop.abort();
      await orchestrator;
      db.close();
      holder.close();
    });
    await Promise.race([until(() => words.length > 1), orchestrator]);
    expect(words[0]).toContain('could not take over runs');
    holder.exec('ROLLBACK');
    await until(() => adaptations.get(id).status === 'running');
  });

  it('outlives a database that has no room for the next job', async () => {
    const { words, logger } = listen();
    const { orchestratorDb, adaptations } = startAll({}, {}, { logger });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    fillDatabase(orchestratorDb);
    await until(() => words.length > 0 || adaptations.get(id).status === 'failed');
    orchestratorDb.pragma('max_page_count = 1000000');
    expect(await ended(adaptations, id)).toMatchObject({ status: 'finished', error: null });
    expect(words[0]).toContain('no space is left');
  }, 30_000);

  it('outlives a disk that has no room for the weights of a proposal', async (context) => {
    const dataDirectory = temporaryDirectory();
    const disk = join(dataDirectory, 'blobs');
    mkdirSync(disk);
    if (!mountSmallDisk(disk, '64m')) return context.skip('this user may not mount a small disk');
    const { words, logger } = listen();
    const { adaptations, jobs } = startAll(
      {
        onJob: (_kind, jobId) => {
          const { payload } = jobs.get(jobId);
          // With these ops proposals are found: the seed is trained, the first to store anything is the orchestrator.
          if (words.length === 0 && payload.kind === 'measure' && payload.ops.length > 0)
            fillDisk(join(disk, 'filler'));
        },
      },
      {},
      { logger, dataDirectory },
    );
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    await until(() => words.length > 0 || adaptations.get(id).status === 'failed');
    rmSync(join(disk, 'filler'));
    expect(await ended(adaptations, id)).toMatchObject({ status: 'finished', error: null });
    expect(words[0]).toContain('no space is left');
  }, 30_000);

  it('goes on without an op that the device cannot measure', async () => {
    const narrow = fuse(SEED).map(({ key }) => key);
    const failingOps = new Set<string>();
    const { adaptations, jobs } = startAll({
      failingOps,
      onJob: (kind, jobId) => {
        const { payload } = jobs.get(jobId);
        // One op of the first batch that is no op of the seed.
        if (kind !== 'measure' || payload.kind !== 'measure' || failingOps.size > 0) return;
        const other = payload.ops.find((key) => !narrow.includes(key));
        if (other !== undefined) failingOps.add(other);
      },
    });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const view = await ended(adaptations, id);
    expect(failingOps.size).toBe(1);
    expect(view.error).toBeNull();
    expect(view.iterations[0]!.proposals.length).toBeGreaterThan(2);
  }, 30_000);

  it('ends a run whose seed cannot be trained, says why, and tries again when it is resumed', async () => {
    let trainings = 0;
    const { adaptations } = startAll({
      trainingFailure: () => (++trainings === 1 ? 'the loss was NaN at step 3' : null),
    });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const failed = await ended(adaptations, id);
    expect(failed.status).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'training-failed' });
    expect(failed.error!.message).toContain('the loss was NaN at step 3');
    adaptations.resume(id);
    expect((await ended(adaptations, id)).status).toBe('finished');
  });

  it('ends a run whose device says nothing of a network, and tries again when it is resumed', async () => {
    let sessions = 0;
    const { adaptations } = startAll({ forgottenNetworks: () => ++sessions === 1 });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const failed = await ended(adaptations, id);
    expect(failed.status).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'measuring-failed' });
    expect(failed.error!.message).toContain('no figure');
    adaptations.resume(id);
    expect((await ended(adaptations, id)).status).toBe('finished');
  });

  it.each([
    ['the network that an iteration chose', 1, 'iteration/1/measure'],
    ['the last networks side by side', 2, 'closing/1/session'],
  ])('takes no figure of another environment for %s', async (_what, count, key) => {
    let lapses = true;
    const hasChosen = () => adaptations.events(id, 0).some(({ type }) => type === 'chosen');
    const { adaptations } = startAll({
      pinned: (networks) => !(lapses && networks.length === count && hasChosen()),
    });
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const failed = await ended(adaptations, id);
    expect(failed.error).toMatchObject({ code: 'conflict' });
    expect(failed.error!.message).toContain("device 'local' has another environment than when the run began");
    expect(adaptations.events(id, 0).at(-1)!.data).toMatchObject({ key });
    lapses = false;
    adaptations.resume(id);
    expect(await ended(adaptations, id)).toMatchObject({ status: 'finished', error: null });
  });

  it('measures again where an event of an earlier version lacks a network', async () => {
    const { adaptations } = startAll();
    const request = completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false });
    const { id } = adaptations.create(request);
    const stored = adaptations.appendEvent(id, 1, 'measured', { key: 'seed/measure', networks: [] });
    expect(stored).toBe(true);
    expect((await ended(adaptations, id)).status).toBe('finished');
    const keys = adaptations.events(id, 0).map(({ data }) => (data as { key: string }).key);
    expect(keys).toContain('seed/measure/2');
  });

  it('ends a run whose events make no sense, rather than breaking over it for ever', async () => {
    const { adaptations } = startAll();
    const { id } = adaptations.create(completeAdaptation(REQUEST));
    expect(adaptations.appendEvent(id, 1, 'measured', { key: 'seed/measure' })).toBe(true);
    await until(() => adaptations.get(id).status === 'failed');
    const last = adaptations.events(id, 0).at(-1)!;
    expect(last).toMatchObject({ type: 'failed', data: { key: 'course', code: 'internal' } });
    expect(adaptations.unowned()).toEqual([]);
  });

  it('refuses a budget that no widths reach', async () => {
    const { adaptations } = startAll();
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, budget: { latencyMs: 0.0001 } }));
    const view = await ended(adaptations, id);
    expect(view.status).toBe('failed');
    expect(view.error?.code).toBe('unreachable-budget');
    expect(view.error?.details?.leastMs).toBeGreaterThan(0.0001);
  });

  it('meets a budget on two devices, each measured by its own worker, and in parameters', async () => {
    const { adaptations, jobs } = startAll({}, { phone: new SimulatedDevice({ opNs: 100, macsPerNs: 5 }) });
    const { id } = adaptations.create(
      completeAdaptation({
        ...REQUEST,
        budget: { ratio: 0.85, devices: { phone: { ratio: 0.7 } }, params: { ratio: 0.6 } },
      }),
    );
    const view = await ended(adaptations, id);
    expect(view.error).toBeNull();
    expect(view).toMatchObject({ status: 'finished', budgetMet: true });
    expect(view.budget.map(({ resource, met }) => [resource.kind, resource.device, met])).toEqual([
      ['latency', 'local', true],
      ['latency', 'phone', true],
      ['params', null, true],
    ]);
    for (const { interval, reached, limit } of view.budget) {
      expect(interval?.highMs ?? reached).toBeLessThanOrEqual(limit);
    }
    expect(view.reach.map(({ device }) => device)).toEqual(['local', 'phone']);
    expect(Object.keys(view.final!.latencies)).toEqual(['local', 'phone']);
    expect(view.final!.latencyMs).toBe(view.final!.latencies.local!.latencyMs);
    const onPhone = view.iterations.find(({ resource }) => resource.device === 'phone')!;
    expect(onPhone.targetMs).toBeNull();
    expect(onPhone.proposals[0]!.estimateMs).toBeNull();
    const queues = new Set(
      jobs
        .list({ adaptationId: id, limit: 1000 })
        .flatMap(({ kind, queue }) => (kind === 'measure' ? [queue] : [])),
    );
    expect([...queues].sort()).toEqual(['device.local', 'device.phone']);
  }, 30_000);

  it('keeps the device’s noise and element type as they were when the run began', async () => {
    const { adaptations } = startAll();
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const view = await ended(adaptations, id);
    const described = adaptations.events(id, 0).find(({ type }) => type === 'device-described')!;
    // No anchor had been measured yet: what stands in is 1 %.
    expect(described.data).toMatchObject({ noise: null, channelStep: 16, dtype: 'float32' });
    expect(view.reach[0]).toMatchObject({ noise: 0.01, dtype: 'float32' });
  });

  it('never lets two orchestrators drive one run', async () => {
    const { adaptations, db, dataDirectory } = startAll();
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const stop = new AbortController();
    const second = startOrchestrator(db, dataDirectory, stop.signal);
    const view = await ended(adaptations, id);
    stop.abort();
    await second;
    expect(view.status).toBe('finished');
    const keys = adaptations
      .events(id, 0)
      .map(({ type, data }) => `${type} ${(data as { key: string }).key}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('lets go of a run whose events someone else writes, and takes it up again from them', async () => {
    const { adaptations } = startAll();
    const { id } = adaptations.create(completeAdaptation({ ...REQUEST, maxIterations: 1, baselines: false }));
    const at = await until(() => adaptations.events(id, 0).find(({ type }) => type === 'proposed'));
    for (let seq = at.seq + 1; !adaptations.appendEvent(id, seq, 'resumed', { key: 'other' }); seq++);
    const view = await ended(adaptations, id);
    expect(view.status).toBe('finished');
    const events = adaptations.events(id, 0);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter(({ type }) => type === 'resumed')).toHaveLength(1);
  });
});
