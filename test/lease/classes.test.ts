import { beforeEach, describe, expect, it } from 'vitest';
import type { DatasetSpec, TrainerName } from '../../contracts/job.js';
import { deviceQueue, environmentQueue, labelQueue, trainQueue } from '../../services/lease/queue-names.js';
import { ENVIRONMENT } from '../db/session-report.js';
import {
  carryOut,
  expectWork,
  LEASE_MS,
  type LeaseWorld,
  leaseWorld,
  measureJob,
  trainJob,
} from './lease-world.js';

const DENSE = 'dense:64>10:f32';

describe('claiming', () => {
  let world: LeaseWorld;
  const on = (device: string) => world.source(`worker of ${device}`, { device, hasDataset: null });
  beforeEach(() => {
    world = leaseWorld();
    for (const name of ['pi-1', 'pi-2', 'phone']) {
      world.devices.register({ name, runtime: 'fake', options: { threads: 1 } });
    }
    world.devices.setLabels('pi-1', ['pi', 'office']);
    world.devices.setLabels('pi-2', ['pi']);
    return () => world.db.close();
  });

  it('for a class: any device with the label takes the job, which then belongs to it', async () => {
    const queue = labelQueue('pi', 'float32');
    const { id } = await world.submit({ ...measureJob({ device: null, ops: [DENSE] }), queue });
    expect(world.jobs.get(id).device).toBeNull();
    expect(await on('phone').claim()).toBeNull();
    const { lease, plan } = expectWork(await on('pi-2').claim(), 'measure');
    expect(lease).toMatchObject({ jobId: id, queue });
    expect(world.jobs.get(id).device).toBe('pi-2');
    const report = carryOut(plan);
    expect(await on('pi-2').complete(lease, { kind: 'measure', report })).toBe('committed');
    expect(world.devices.get('pi-2').environmentId).not.toBeNull();
    expect(world.devices.get('pi-1').environmentId).toBeNull();
  });

  it('for a class: a second device takes over when the first one vanished', async () => {
    const queue = labelQueue('pi', 'float32');
    const { id } = await world.submit({ ...measureJob({ device: null, ops: [DENSE] }), queue });
    await on('pi-1').claim();
    world.clock.nowMs += LEASE_MS + 1;
    expectWork(await on('pi-2').claim(), 'measure');
    expect(world.jobs.get(id)).toMatchObject({ device: 'pi-2', attempts: 2 });
  });

  it('for devices like another: those in the same environment, which share its table', async () => {
    const { hash } = world.devices.setEnvironment('pi-1', ENVIRONMENT);
    world.devices.setEnvironment('pi-2', { ...ENVIRONMENT, threads: 2 });
    world.devices.setEnvironment('phone', ENVIRONMENT);
    await world.submit({
      ...measureJob({ device: null, ops: [DENSE] }),
      queue: environmentQueue(hash),
    });
    expect(await on('pi-2').claim()).toBeNull();
    expectWork(await on('phone').claim(), 'measure');
  });

  it('takes the higher priority of its own and its classes’ queues', async () => {
    await world.submit(measureJob({ device: 'pi-1', ops: [DENSE] }));
    const urgent = await world.submit({
      ...measureJob({ device: null, ops: [DENSE] }, 5),
      queue: labelQueue('office', 'float32'),
    });
    expect((await on('pi-1').claim())?.lease.jobId).toBe(urgent.id);
  });

  it('leaves a device alone that another worker holds, and gives it to the next when it is done', async () => {
    const first = await world.submit(measureJob({ device: 'phone', ops: [DENSE] }));
    const second = await world.submit(measureJob({ device: 'phone', ops: [DENSE], remeasure: true }));
    const one = world.source('one', { device: 'phone', hasDataset: null });
    const other = world.source('other', { device: 'phone', hasDataset: null });
    const { lease, plan } = expectWork(await one.claim(), 'measure');
    expect(lease.jobId).toBe(first.id);
    expect(await other.claim()).toBeNull();
    world.clock.nowMs += LEASE_MS / 2;
    await one.heartbeat(lease);
    world.clock.nowMs += LEASE_MS / 2 + 1;
    expect(await other.claim()).toBeNull();
    expect(world.jobs.get(second.id)).toMatchObject({ status: 'queued', attempts: 0 });
    await one.complete(lease, { kind: 'measure', report: carryOut(plan) });
    expect((await other.claim())?.lease).toMatchObject({ jobId: second.id, attempt: 1 });
  });

  it('lets trainers take only jobs on data that they have', async () => {
    const fashion: DatasetSpec = { kind: 'idx', directory: '/data/fashion' };
    const base = trainJob();
    const payload = { ...base.payload, dataset: fashion };
    const { id } = await world.submit({ ...base, payload, queue: trainQueue(fashion) });
    const withMnist = world.source('t1', { device: null, hasDataset: ({ kind }) => kind === 'mnist' });
    expect(await withMnist.claim()).toBeNull();
    const withFashion = world.source('t2', {
      device: null,
      hasDataset: (dataset) => dataset.kind === 'idx' && dataset.directory === '/data/fashion',
    });
    expect((await withFashion.claim())?.lease.jobId).toBe(id);
    const digits = await world.submit(trainJob());
    expect(await withFashion.claim()).toBeNull();
    expect((await withMnist.claim())?.lease.jobId).toBe(digits.id);
  });

  it('knows data by what it holds, and says of a job what it waits for', async () => {
    const sha256 = 'ab'.repeat(32);
    const fashion: DatasetSpec = { kind: 'idx', directory: '/here/fashion', sha256 };
    expect(trainQueue(fashion)).toBe(trainQueue({ ...fashion, directory: '/there/fashion' }));
    const base = trainJob();
    const payload = { ...base.payload, dataset: fashion };
    const { id } = await world.submit({ ...base, payload, queue: trainQueue(fashion) });
    expect(world.jobs.get(id).message).toBeNull();
    const withMnist = world.source('t1', { device: null, hasDataset: ({ kind }) => kind === 'mnist' });
    expect(await withMnist.claim()).toBeNull();
    expect(world.jobs.get(id).message).toBe(
      'waits for a trainer that has the data set /here/fashion with the content abababababab… ' +
        "(lutra worker --role train --dataset <its folder there>); 't1' asked for work and is none",
    );
    expect(await world.source('t2', { device: null, hasDataset: () => false }).claim()).toBeNull();
    expect(world.jobs.get(id).message).toContain("'t1'");
    const withFashion = world.source('t3', {
      device: null,
      hasDataset: (dataset) => dataset.kind === 'idx' && dataset.sha256 === sha256,
    });
    expect((await withFashion.claim())?.lease.jobId).toBe(id);
    expect(world.jobs.get(id).message).toBeNull();
  });

  it('hands no job to a trainer without its engine', async () => {
    const base = trainJob();
    const payload = { ...base.payload, trainer: 'tfjs' as const };
    const queue = trainQueue(payload.dataset, payload.trainer);
    expect(queue).not.toBe(trainQueue(payload.dataset));
    const { id } = await world.submit({ ...base, payload, queue });
    const trainer = (worker: string, engines?: readonly TrainerName[]) =>
      world.source(worker, { device: null, hasDataset: () => true, ...(engines && { engines }) });
    expect(await trainer('plain').claim()).toBeNull();
    expect(await trainer('other', ['onnxruntime']).claim()).toBeNull();
    expect(world.jobs.get(id).message).toMatch(/^waits for a trainer with the engine tfjs .*; 'plain' asked/);
    const plain = await world.submit(trainJob());
    const both = trainer('both', ['onnxruntime', 'tfjs']);
    expect((await both.claim())?.lease.jobId).toBe(id);
    expect((await both.claim())?.lease.jobId).toBe(plain.id);
  });

  it('names queues with characters that every queue can carry', () => {
    const names = [
      deviceQueue('pi-1'),
      labelQueue('pi', 'float32'),
      environmentQueue('a'.repeat(64)),
      trainQueue({ kind: 'idx', directory: '/a b:c' }),
    ];
    for (const name of names) expect(name).toMatch(/^[a-z]+\.[\w.-]+$/);
    expect(trainQueue({ kind: 'mnist' })).toBe('train');
  });
});

describe('quarantine', () => {
  let world: LeaseWorld;
  beforeEach(() => {
    world = leaseWorld();
    return () => world.db.close();
  });

  /** One job on the device, whose anchor takes so many times its usual 300 µs. */
  async function session(slowdown: number): Promise<void> {
    await world.submit(measureJob({ ops: [DENSE], remeasure: true }));
    const source = world.source('w', { device: 'local', hasDataset: null });
    const { lease, plan } = expectWork(await source.claim(), 'measure');
    const report = carryOut(plan);
    const probes = report.probes.map((probe) =>
      probe.graphId === 'graph of anchor'
        ? { ...probe, visitsNs: probe.visitsNs.map((visit) => visit.map((ns) => ns * slowdown)) }
        : probe,
    );
    await source.complete(lease, { kind: 'measure', report: { ...report, probes } });
    // A rejected session has two more attempts: they end as badly.
    for (let again = await source.claim(); again !== null; again = await source.claim()) {
      await source.fail(again.lease, { outcome: 'unstable', message: 'as before', retry: false });
    }
    world.clock.nowMs += 10_000;
    const late = await source.claim();
    if (late !== null)
      await source.fail(late.lease, { outcome: 'unstable', message: 'as before', retry: false });
  }

  it('takes a device whose anchor is off in three sessions in a row, says why, and ends when it is resumed', async () => {
    await session(1);
    await session(3);
    await session(3);
    expect(world.devices.get('local').quarantine).toBeNull();
    await session(3);
    expect(world.devices.get('local').quarantine).toMatch(
      /^the anchor was off its baseline in 3 sessions in a row, last: 0\.900 ms, 3\.000 of the baseline$/,
    );
    const { id } = await world.submit(measureJob({ ops: [DENSE], remeasure: true }));
    const source = world.source('w', { device: 'local', hasDataset: null });
    expect(await source.claim()).toBeNull();
    world.devices.resume('local');
    expect(world.devices.get('local').quarantine).toBeNull();
    for (let work = await source.claim(); work !== null; work = await source.claim()) {
      await source.fail(work.lease, { outcome: 'unstable', message: 'enough', retry: false });
    }
    expect(world.jobs.get(id).outcome).toBe('unstable');
    await session(3);
    expect(world.devices.get('local').quarantine).toBeNull();
  });

  it('spares a device that was itself in between', async () => {
    for (const slowdown of [1, 3, 3, 1, 3, 3]) await session(slowdown);
    expect(world.devices.get('local').quarantine).toBeNull();
  });
});
