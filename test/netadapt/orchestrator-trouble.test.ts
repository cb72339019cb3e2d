import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fuse } from '../../core/ops/fuse.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { fillDisk, mountSmallDisk } from '../support/small-disk.js';
import {
  ended,
  fillDatabase,
  listen,
  REQUEST,
  SEED,
  startAll,
  startOrchestrator,
  until,
} from './orchestrator-world.js';
import { openWithDevice } from './simulated-worker.js';

describe('the orchestrator in trouble', () => {
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
});
