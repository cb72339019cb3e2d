import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { COUNT_QUEUES, JobRepository } from '../../db/repositories/jobs.js';
import {
  COUNT_ENDS,
  COUNT_MEASUREMENTS,
  COUNT_UNFINISHED,
  OLDEST_LEASES,
} from '../../db/repositories/operating-figures.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

/** Value of one series. */
async function value(series: string): Promise<number | undefined> {
  const { body } = await t.get('/metrics');
  const line = body.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('/metrics', () => {
  it('says what waits, what ran, and how long estimates take', async () => {
    const candidate = { zoo: 'mobilenet-v3-tiny' };
    for (let i = 0; i < 3; i++) await t.send('POST', '/measure', { device: 'bench', candidate });
    const [job] = (await t.get('/jobs')).json().jobs;
    await t.inject({ method: 'DELETE', url: `/jobs/${job.id}` });
    for (let i = 0; i < 2; i++)
      await t.send('POST', '/estimate', { devices: ['bench'], candidates: [candidate] });
    await t.send('POST', '/estimate', { devices: ['none'], candidates: [candidate] });
    const answer = await t.get('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(await value('lutra_queue_jobs{queue="device.bench",state="waiting"}')).toBe(2);
    expect(await value('lutra_jobs{kind="measure",outcome="queued"}')).toBe(2);
    expect(await value('lutra_jobs{kind="measure",outcome="cancelled"}')).toBe(1);
    expect(await value('lutra_estimate_duration_seconds_count')).toBe(2);
    expect(
      await value('lutra_http_request_duration_seconds_count{method="POST",route="/measure",status="202"}'),
    ).toBe(3);
    expect(await value('lutra_process_resident_memory_bytes')).toBeGreaterThan(2 ** 20);
  });

  it('counts what was measured by verdict, and how long a lease has been held', async () => {
    const { key } = fuse(buildZooNetwork('mobilenet-v3-tiny', {}))[0]!;
    t.commit('bench', { ops: { [key]: 100_000 } });
    expect(await value('lutra_measurements{subject="op",verdict="trusted"}')).toBe(1);
    const { job } = (
      await t.send('POST', '/measure', { device: 'bench', candidate: { zoo: 'mobilenet-v3-tiny' } })
    ).json();
    t.db
      .prepare("UPDATE job SET status = 'running', started_at_ms = ? WHERE id = ?")
      .run(Date.now() - 90_000, job.id);
    const ageS = await value('lutra_lease_age_seconds{queue="device.bench"}');
    expect(ageS).toBeGreaterThanOrEqual(90);
    expect(ageS).toBeLessThan(150);
  });

  it('has no series for every address that someone asks for', async () => {
    for (let i = 0; i < 20; i++) await t.get(`/nowhere/${i}`);
    for (let i = 0; i < 20; i++) await t.get(`/jobs/job_${i}`);
    const { body } = await t.get('/metrics');
    expect(body).not.toContain('nowhere');
    expect(body).not.toContain('job_1');
    expect(body).toContain('route="/jobs/:id",status="404"');
  });
});

describe('/metrics over millions of rows', () => {
  it('reads each row of a growing table once, and all else by an index', () => {
    const plan = (sql: string) =>
      t.db
        .prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all({ after: 0, upTo: 0, now: 0 })
        .map(({ detail }) => detail)
        .filter((detail) => !detail.startsWith('USE TEMP B-TREE'));
    expect(plan(COUNT_MEASUREMENTS)).toEqual([
      'SEARCH measurement USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    ]);
    expect(plan(COUNT_ENDS)).toEqual([
      'SEARCH job_event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
      expect.stringMatching(/^SEARCH job USING .*\(id=\?\)$/),
    ]);
    for (const sql of [OLDEST_LEASES, COUNT_UNFINISHED, COUNT_QUEUES]) {
      expect(plan(sql)).toEqual(['SCAN job USING INDEX job_unfinished']);
    }
  });

  it('counts on from where it was, several scrapes at once too', async () => {
    const key = (i: number) => `dense:${64 + i}>10:f32`;
    const measured = () => value('lutra_measurements{subject="op",verdict="trusted"}');
    t.commit('bench', { ops: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [key(i), 4_000])) });
    expect(await Promise.all([measured(), measured(), measured()])).toEqual([30, 30, 30]);
    t.commit('bench', { ops: { [key(1)]: 4_000, [key(2)]: 4_000 } });
    expect(await measured()).toBe(32);
    expect(await measured()).toBe(32);
    const jobs = new JobRepository(t.db);
    const payload = {} as never;
    for (const outcome of ['ok', 'ok', 'timeout'] as const) {
      const { id } = jobs.create({ kind: 'measure', queue: 'device.bench', priority: 0, payload });
      jobs.finish(id, { outcome });
      jobs.finish(id, { outcome });
      await t.get('/metrics');
    }
    expect(await value('lutra_jobs{kind="measure",outcome="ok"}')).toBe(2);
    expect(await value('lutra_jobs{kind="measure",outcome="timeout"}')).toBe(1);
    expect(await value('lutra_jobs{kind="measure",outcome="queued"}')).toBeUndefined();
  });
});
