import { afterEach, beforeEach, expect, it } from 'vitest';
import { JobRepository } from '../../db/repositories/jobs.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const body = { device: 'bench', candidate: { zoo: 'mobilenet-v3-tiny' }, priority: 2 };

it('a finished job is submitted once more, and measured anew', async () => {
  const { job } = (await t.send('POST', '/measure', body)).json();
  const jobs = new JobRepository(t.db);
  jobs.finish(job.id, { outcome: 'timeout', message: 'too slow' });
  const answer = await t.send('POST', `/jobs/${job.id}/retry`, {});
  expect(answer.statusCode).toBe(202);
  const again = answer.json().job;
  expect(again.id).not.toBe(job.id);
  expect(answer.headers.location).toBe(`/jobs/${again.id}`);
  expect(again).toMatchObject({ status: 'queued', subject: job.subject, priority: 2, device: 'bench' });
  expect(jobs.get(again.id).payload).toEqual({ ...jobs.get(job.id).payload, remeasure: true });
  expect([...(await t.queue.depth()).values()]).toMatchObject([{ waiting: 2 }]);
});

it('a job that has not ended is not', async () => {
  const { job } = (await t.send('POST', '/measure', body)).json();
  const answer = await t.send('POST', `/jobs/${job.id}/retry`, {});
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({ code: 'conflict' });
});
