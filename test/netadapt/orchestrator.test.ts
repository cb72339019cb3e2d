import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { JobQueue } from '../../queue/job-queue.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { ended, REQUEST, SEED, startAll, startOrchestrator, until, viewOf } from './orchestrator-world.js';
import { SimulatedDevice } from './simulated-device.js';

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
