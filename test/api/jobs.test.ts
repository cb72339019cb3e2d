import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobList, JobView } from '../../contracts/http/job-view.js';
import { contentHash } from '../../core/network/content-hash.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const candidate = { zoo: 'mobilenet-v3-tiny', options: { width: 0.5 } };
const measure = async (fields: object = {}, headers: Record<string, string> = {}) => {
  const answer = await t.send('POST', '/measure', { device: 'bench', candidate, ...fields }, headers);
  return { answer, job: answer.json<{ job: JobView }>().job };
};
const view = async (id: string) => (await t.get(`/jobs/${id}`)).json<JobView>();

describe('POST /measure', () => {
  it('stores a job and says where it is', async () => {
    const { answer, job } = await measure({ priority: 3 });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBe(`/jobs/${job.id}`);
    expect(job).toMatchObject({
      kind: 'measure',
      device: 'bench',
      status: 'queued',
      outcome: null,
      result: null,
      priority: 3,
      attempts: 0,
    });
    expect(await view(job.id)).toEqual(job);
  });

  it('asks for the network and each of its ops once, with the whole protocol', async () => {
    const { job } = await measure({ protocol: { maxVisits: 4, minVisits: 2 }, remeasure: true });
    const network = buildZooNetwork('mobilenet-v3-tiny', { width: 0.5 });
    expect(new JobRepository(t.db).get(job.id).payload).toEqual({
      kind: 'measure',
      device: 'bench',
      networks: [network],
      ops: [...new Set(fuse(network).map(({ key }) => key))],
      protocol: {
        maxVisits: 4,
        minVisits: 2,
        samplesPerVisit: 10,
        visitBudgetMs: 4,
        targetRelativeInterval: 0.02,
        budgetMs: 60_000,
        subjectTimeoutMs: 20_000,
      },
      remeasure: true,
    });
  });

  it('puts the job into the queue of its device', async () => {
    const { job } = await measure();
    const lease = await t.queue.claim(['device.bench'], 'w', 1000);
    expect(lease?.jobId).toBe(job.id);
  });

  it('takes a network document as well', async () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const { answer } = await measure({ candidate: { network } });
    expect(answer.statusCode).toBe(202);
  });

  it('creates one job for one Idempotency-Key', async () => {
    const first = await measure({}, { 'idempotency-key': 'k1' });
    const before = t.rowCounts();
    const again = await measure({}, { 'idempotency-key': 'k1' });
    expect(again.job.id).toBe(first.job.id);
    expect(t.rowCounts()).toEqual(before);
    const other = await measure({}, { 'idempotency-key': 'k2' });
    expect(other.job.id).not.toBe(first.job.id);
  });

  it('refuses a key that came with another body', async () => {
    await measure({}, { 'idempotency-key': 'k1' });
    const before = t.rowCounts();
    const { answer } = await measure({ priority: 9 }, { 'idempotency-key': 'k1' });
    expect(answer.json()).toMatchObject({ status: 422, code: 'idempotency-mismatch' });
    expect(t.rowCounts()).toEqual(before);
  });
});

describe('a queued job says what it waits for', () => {
  it('a worker that was never there', async () => {
    const { job } = await measure();
    expect(job.waitsFor).toMatchObject({ reason: 'no-worker-seen', jobsAhead: 0 });
  });

  it('the jobs before it', async () => {
    new DeviceRepository(t.db).touch('bench');
    const first = await measure();
    const second = await measure();
    const urgent = await measure({ priority: 5 });
    expect(first.job.waitsFor).toMatchObject({ reason: 'worker', jobsAhead: 0 });
    expect((await view(second.job.id)).waitsFor).toMatchObject({ reason: 'jobs-ahead', jobsAhead: 2 });
    expect((await view(urgent.job.id)).waitsFor).toMatchObject({ reason: 'worker', jobsAhead: 0 });
  });

  it('a drained device', async () => {
    await t.inject({ method: 'POST', url: '/devices/bench/drain' });
    const { job } = await measure();
    expect(job.waitsFor?.reason).toBe('device-drained');
    await t.inject({ method: 'POST', url: '/devices/bench/resume' });
    expect((await view(job.id)).waitsFor?.reason).toBe('no-worker-seen');
  });
});

describe('DELETE /jobs/:id', () => {
  it('ends a waiting job at once', async () => {
    const { job } = await measure();
    const answer = await t.inject({ method: 'DELETE', url: `/jobs/${job.id}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'finished', outcome: 'cancelled', waitsFor: null });
    expect(await t.queue.claim(['device.bench'], 'w', 1000)).toBeNull();
  });

  it('tells the worker of a running one', async () => {
    const { job } = await measure();
    const lease = await t.queue.claim(['device.bench'], 'w', 60_000);
    const answer = await t.inject({ method: 'DELETE', url: `/jobs/${job.id}` });
    expect(answer.statusCode).toBe(202);
    expect(await t.queue.heartbeat(lease!, 60_000)).toBe('cancelled');
  });

  it('leaves a finished one as it is', async () => {
    const { job } = await measure();
    new JobRepository(t.db).finish(job.id, { outcome: 'crashed', message: 'signal SEGV' });
    const answer = await t.inject({ method: 'DELETE', url: `/jobs/${job.id}` });
    expect(answer.json()).toMatchObject({ status: 409, code: 'conflict' });
    expect(await view(job.id)).toMatchObject({ outcome: 'crashed', message: 'signal SEGV' });
  });
});

describe('GET /jobs', () => {
  it('pages from the latest to the first', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await measure()).job.id);
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: JobList = (
        await t.get(`/jobs?limit=2${next === '' ? '' : `&before=${next}`}`)
      ).json<JobList>();
      expect(page.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...page.jobs.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual([...ids].reverse());
  });

  it('filters', async () => {
    const { job } = await measure();
    await measure();
    new JobRepository(t.db).finish(job.id, { outcome: 'timeout' });
    const ids = async (query: string) =>
      (await t.get(`/jobs?${query}`)).json<JobList>().jobs.map(({ id }) => id);
    expect(await ids('status=finished')).toEqual([job.id]);
    expect(await ids('outcome=timeout')).toEqual([job.id]);
    expect(await ids('outcome=ok')).toEqual([]);
    expect(await ids('device=bench')).toHaveLength(2);
    expect(await ids('device=other')).toEqual([]);
    expect(await ids('kind=train')).toEqual([]);
  });
});

describe('GET /jobs/:id of a finished job', () => {
  it('shows the result that its session left', async () => {
    const { job } = await measure();
    const network = buildZooNetwork('mobilenet-v3-tiny', { width: 0.5 });
    const interval = { lowMs: 0.9, highMs: 1.1, level: 0.95 };
    const row = { latencyMs: 1, interval, verdict: 'trusted' as const, failure: null };
    const result = {
      kind: 'measure' as const,
      sessionId: 1,
      latencyMs: 1,
      interval,
      verdict: 'trusted' as const,
      networks: [{ networkHash: contentHash(network), ...row }],
      ops: [{ key: 'globalAvgPool:7x7x96:f32', source: 'measured' as const, ...row }],
    };
    new JobRepository(t.db).finish(job.id, { outcome: 'ok', result });
    expect(await view(job.id)).toMatchObject({ status: 'finished', outcome: 'ok', waitsFor: null, result });
    // Lists stay small.
    expect((await t.get('/jobs')).json<JobList>().jobs[0]?.result).toBeNull();
  });
});
