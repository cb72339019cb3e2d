import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { driveTo } from '../db/drive-to.js';
import { readEvents } from './read-events.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
let url: string;
beforeEach(async () => {
  t = await startTestApp();
  url = await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => t.close());

async function submit(): Promise<string> {
  const answer = await fetch(`${url}/measure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device: 'bench', candidate: { zoo: 'mobilenet-v3-tiny' } }),
  });
  return ((await answer.json()) as { job: { id: string } }).job.id;
}

describe('GET /jobs/:id/events', () => {
  it('streams what happens while it happens, and ends with the job', async () => {
    const id = await submit();
    const jobs = new JobRepository(t.db);
    const answer = await fetch(`${url}/jobs/${id}/events`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const seen: string[] = [];
    for await (const event of readEvents(answer)) {
      seen.push(event.type);
      expect(event.data).toMatchObject({ jobId: id, atMs: expect.any(Number) });
      // Each step is taken only once the one before has been seen: nothing is replayed at the end.
      if (event.type === 'queued') jobs.appendEvent(id, 'progress', { done: 1, total: 2 });
      if (event.type === 'progress') jobs.finish(id, { outcome: 'ok' });
    }
    expect(seen).toEqual(['queued', 'progress', 'finished']);
  });

  it('resumes after the last event that a client saw', async () => {
    const id = await submit();
    const jobs = new JobRepository(t.db);
    jobs.appendEvent(id, 'progress', { done: 1, total: 2 });
    jobs.finish(id, { outcome: 'timeout', message: 'too slow' });
    const first = [];
    for await (const event of readEvents(await fetch(`${url}/jobs/${id}/events`))) first.push(event);
    expect(first.map(({ type }) => type)).toEqual(['queued', 'progress', 'finished']);
    const rest = [];
    const headers = { 'last-event-id': String(first[0]!.id) };
    for await (const event of readEvents(await fetch(`${url}/jobs/${id}/events`, { headers })))
      rest.push(event);
    expect(rest).toEqual(first.slice(1));
    expect(rest.at(-1)?.data).toMatchObject({ outcome: 'timeout', message: 'too slow' });
  });

  it('tells a client that has seen everything not to come back', async () => {
    const id = await submit();
    const last = new JobRepository(t.db);
    last.finish(id, { outcome: 'ok' });
    const lastId = last.events(id, 0).at(-1)!.id;
    const answer = await fetch(`${url}/jobs/${id}/events`, { headers: { 'last-event-id': String(lastId) } });
    expect(answer.status).toBe(204);
  });

  it('refuses an id that is none', async () => {
    const id = await submit();
    const answer = await fetch(`${url}/jobs/${id}/events`, { headers: { 'last-event-id': '-1; DROP' } });
    expect(await answer.json()).toMatchObject({ status: 400, pointer: '/last-event-id', in: 'header' });
  });

  it('ends open streams when the api closes', async () => {
    const id = await submit();
    const events = readEvents(await fetch(`${url}/jobs/${id}/events`));
    expect((await events.next()).value).toMatchObject({ type: 'queued' });
    await t.app.close();
    const end = await events.next().catch(() => ({ done: true }));
    expect(end.done).toBe(true);
  });
});

describe('GET /adaptations/:id/events', () => {
  it('streams numbered events until the run ends', async () => {
    const runs = new AdaptationRepository(t.db);
    const { id } = runs.create({
      device: 'bench',
      candidate: { zoo: 'mobilenet-v3-tiny' },
      dataset: { kind: 'mnist' },
      budget: { ratio: 0.6 },
    });
    const answer = await fetch(`${url}/adaptations/${id}/events`);
    runs.appendEvent(id, 1, 'device-described', { key: 'device', environmentHash: 'e', channelStep: 16 });
    const seen = [];
    for await (const event of readEvents(answer)) {
      seen.push(event);
      if (event.id === 1) {
        runs.appendEvent(id, 2, 'cancelled', { key: 'cancel-1' });
        driveTo(runs, id, 'cancelled');
      }
    }
    expect(seen).toEqual([
      {
        id: 1,
        type: 'device-described',
        data: {
          adaptationId: id,
          atMs: expect.any(Number),
          type: 'device-described',
          data: { key: 'device', environmentHash: 'e', channelStep: 16 },
        },
      },
      { id: 2, type: 'cancelled', data: expect.objectContaining({ data: { key: 'cancel-1' } }) },
    ]);
  });
});
