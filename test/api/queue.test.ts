import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import type { QueueView } from '../../contracts/http/queue-view.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { measureJob, trainJob } from '../lease/lease-world.js';
import { DENSE } from './lease-desk.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const queue = async (query = '') => (await t.get(`/queue${query}`)).json<QueueView>();
const submit = (submittedBy: string, priority = 0, device = 'bench') =>
  submitJob(t.db, t.queue, { ...measureJob({ device, ops: [DENSE] }, priority), submittedBy });
const ids = (jobs: readonly Pick<JobView, 'id'>[]) => jobs.map(({ id }) => id);

describe('GET /queue', () => {
  it('lists what waits in the order in which it is taken, submitters in turn', async () => {
    const ada = [await submit('ada'), await submit('ada'), await submit('ada')];
    const bob = await submit('bob');
    const urgent = await submit('ada', 1);
    const { waiting, running } = await queue();
    expect(running).toEqual({ total: 0, jobs: [] });
    expect(ids(waiting.jobs)).toEqual(ids([urgent, ada[0]!, bob, ada[1]!, ada[2]!]));
    expect(waiting.jobs.map(({ waitsFor }) => waitsFor?.jobsAhead)).toEqual([0, 1, 2, 3, 4]);
  });

  it('tells what runs apart, and how many there are beyond those listed', async () => {
    for (let i = 0; i < 4; i++) await submit('ada');
    const taken = await t.send('POST', '/leases', { worker: 'w', device: 'bench' });
    const { jobId } = taken.json<{ jobId: string }>();
    const { waiting, running } = await queue('?limit=2');
    expect(running).toMatchObject({ total: 1, jobs: [{ id: jobId, status: 'leased', waitsFor: null }] });
    expect([waiting.total, waiting.jobs.length]).toEqual([3, 2]);
  });

  it('is that of one device, or of all with those of trainers', async () => {
    new DeviceRepository(t.db).register({ name: 'board', runtime: 'fake', options: { threads: 1 } });
    await submit('ada');
    const { id } = await submit('ada', 0, 'board');
    await submitJob(t.db, t.queue, trainJob());
    expect((await queue()).waiting.total).toBe(3);
    expect(await queue('?device=board')).toMatchObject({ waiting: { total: 1, jobs: [{ id }] } });
  });

  it('refuses what it does not know', async () => {
    expect((await t.get('/queue?before=job_1')).json()).toMatchObject({ pointer: '/before' });
    expect((await t.get('/queue?limit=501')).json()).toMatchObject({ pointer: '/limit' });
  });
});
