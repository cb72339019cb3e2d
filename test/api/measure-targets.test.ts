import { beforeEach, describe, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

const candidate = { zoo: 'mobilenet-v3-tiny' };

describe('POST /measure', () => {
  let t: TestApp;
  beforeEach(async () => {
    t = await startTestApp();
    for (const name of ['pi-1', 'pi-2']) {
      await t.send('POST', '/devices', { name, runtime: 'fake', labels: ['pi'] });
    }
    return () => t.close();
  });
  const measure = (where: object, headers = {}) =>
    t.send('POST', '/measure', { candidate, ...where }, headers);
  const queueOf = ({ id }: JobView) => new JobRepository(t.db).get(id).queue;

  it('makes a job on each of several devices', async () => {
    const answer = await measure({ devices: ['pi-2', 'bench', 'pi-1'], priority: 3 });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers.location).toBeUndefined();
    const { jobs } = answer.json<{ jobs: JobView[] }>();
    expect(jobs.map(({ device, priority, status }) => [device, priority, status])).toEqual([
      ['pi-2', 3, 'queued'],
      ['bench', 3, 'queued'],
      ['pi-1', 3, 'queued'],
    ]);
    expect(jobs.map(queueOf)).toEqual(['device.pi-2', 'device.bench', 'device.pi-1']);
  });

  it('answers a repeat with the same jobs, and refuses the key with any other body', async () => {
    const key = { 'idempotency-key': 'k1' };
    const ids = async () =>
      (await measure({ devices: ['pi-2', 'pi-1'] }, key))
        .json<{ jobs: JobView[] }>()
        .jobs.map(({ id }) => id);
    const first = await ids();
    expect(first).toHaveLength(2);
    expect(await ids()).toEqual(first);
    const before = t.rowCounts();
    for (const where of [
      { devices: ['pi-1', 'pi-2'] },
      { devices: ['bench', 'pi-2'] },
      { devices: ['bench'] },
      { device: 'pi-1' },
      { devices: ['pi-2', 'pi-1'], priority: 9 },
    ]) {
      const answer = await measure(where, key);
      expect(answer.json(), answer.body).toMatchObject({ status: 422, code: 'idempotency-mismatch' });
    }
    expect(t.rowCounts()).toEqual(before);
  });

  it('makes all jobs or none', async () => {
    t.db.exec(`CREATE TRIGGER full BEFORE INSERT ON job WHEN NEW.device = 'bench'
               BEGIN SELECT RAISE(ABORT, 'no space'); END`);
    const before = t.rowCounts();
    const request = [{ devices: ['pi-1', 'bench', 'pi-2'] }, { 'idempotency-key': 'k1' }] as const;
    expect((await measure(...request)).statusCode).toBe(500);
    expect(t.rowCounts()).toEqual(before);
    t.db.exec('DROP TRIGGER full');
    expect((await measure(...request)).json<{ jobs: JobView[] }>().jobs).toHaveLength(3);
  });

  it('knows the key of a request that an earlier version answered', async () => {
    const key = { 'idempotency-key': 'k1' };
    const { job } = (await measure({ device: 'pi-1' }, key)).json<{ job: JobView }>();
    t.db.prepare(`UPDATE idempotency SET response = json_object('id', response ->> '$.ids[0]')`).run();
    expect((await measure({ device: 'pi-1' }, key)).json<{ job: JobView }>().job.id).toBe(job.id);
  });

  it('lets any device of a class take the job', async () => {
    const answer = await measure({ anyDevice: { label: 'pi' } });
    const { job } = answer.json<{ job: JobView }>();
    expect(answer.headers.location).toBe(`/jobs/${job.id}`);
    expect(job.device).toBeNull();
    expect((await t.send('POST', '/leases', { worker: 'w', device: 'bench' })).statusCode).toBe(204);
    const lease = await t.send('POST', '/leases', { worker: 'w', device: 'pi-2' });
    expect(lease.json()).toMatchObject({ jobId: job.id });
    expect((await t.get(`/jobs/${job.id}`)).json()).toMatchObject({ device: 'pi-2', status: 'leased' });
    expect((await t.get('/jobs?device=pi-2')).json().jobs).toHaveLength(1);
  });

  it('lets any device like another take the job, once that one was described', async () => {
    expect((await measure({ anyDevice: { like: 'pi-1' } })).json()).toMatchObject({
      status: 409,
      pointer: '/anyDevice/like',
    });
    for (const name of ['pi-1', 'bench']) await t.send('PUT', `/devices/${name}/environment`, ENVIRONMENT);
    const { job } = (await measure({ anyDevice: { like: 'pi-1' } })).json<{ job: JobView }>();
    const lease = await t.send('POST', '/leases', { worker: 'w', device: 'bench' });
    expect(lease.json()).toMatchObject({ jobId: job.id });
  });

  it('leaves devices of another element type out of a class', async () => {
    const int8 = { name: 'q8', runtime: 'onnxruntime', dtype: 'int8', labels: ['pi'] };
    expect((await t.send('POST', '/devices', int8)).statusCode).toBe(201);
    const plain = (await measure({ anyDevice: { label: 'pi' } })).json<{ job: JobView }>().job;
    expect((await t.send('POST', '/leases', { worker: 'w', device: 'q8' })).statusCode).toBe(204);
    const quantised = (await measure({ anyDevice: { label: 'pi', dtype: 'int8' } })).json<{ job: JobView }>()
      .job;
    expect((await t.send('POST', '/leases', { worker: 'w', device: 'pi-1' })).json().jobId).toBe(plain.id);
    expect((await t.send('POST', '/leases', { worker: 'w', device: 'q8' })).json().jobId).toBe(quantised.id);
  });

  it.each([
    ['nowhere', {}, 400, '/device'],
    ['in two ways', { device: 'bench', devices: ['pi-1'] }, 400, ''],
    ['on no device', { devices: [] }, 400, '/devices'],
    ['twice on one device', { devices: ['pi-1', 'pi-1'] }, 400, '/devices'],
    ['on an unknown one of several', { devices: ['pi-1', 'nobody'] }, 404, '/devices/1'],
    ['on devices like an unknown one', { anyDevice: { like: 'nobody' } }, 404, '/anyDevice/like'],
    ['on a class of no name', { anyDevice: { label: 'A B' } }, 400, '/anyDevice/label'],
  ])('refuses to measure %s, and makes no job', async (_what, where, status, pointer) => {
    const before = t.rowCounts();
    const answer = await measure(where);
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.json(), answer.body).toMatchObject({ pointer });
    expect(t.rowCounts()).toEqual(before);
  });
});
