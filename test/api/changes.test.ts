import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { ChangeLog } from '../../db/repositories/changes.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { type ReceivedEvent, readEvents } from './read-events.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
let url: string;
beforeEach(async () => {
  t = await startTestApp();
  url = await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => {
  // Clients that left a stream keep their connections; the process that serves cuts them off by itself.
  t.app.server.closeAllConnections();
  return t.close();
});

const zoo = { zoo: 'mobilenet-v3-tiny' };

/** Opens the stream; `next` waits for one event. */
async function open(headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/events`, { headers });
  const events = readEvents(answer);
  const next = async (): Promise<ReceivedEvent> => (await events.next()).value as ReceivedEvent;
  return { next, close: () => events.return(undefined) };
}

describe('GET /events', () => {
  it('tells of jobs, devices and adaptations, whoever changes them', async () => {
    const stream = await open();
    expect((await stream.next()).type).toBe('reset');

    const job = (await t.send('POST', '/measure', { device: 'bench', candidate: zoo })).json().job;
    expect(await stream.next()).toMatchObject({ type: 'job', data: { ref: job.id, type: 'queued' } });
    new JobRepository(t.db).finish(job.id, { outcome: 'ok' });
    expect(await stream.next()).toMatchObject({ type: 'job', data: { ref: job.id, type: 'finished' } });

    const devices = new DeviceRepository(t.db);
    devices.drain('bench');
    expect(await stream.next()).toMatchObject({ type: 'device', data: { ref: 'bench', type: 'changed' } });
    devices.drain('bench');
    devices.touch('bench');
    devices.touch('bench');
    expect(await stream.next()).toMatchObject({ type: 'device', data: { ref: 'bench', type: 'seen' } });

    const adaptations = new AdaptationRepository(t.db);
    const request = {
      device: 'bench',
      candidate: zoo,
      dataset: { kind: 'mnist' as const },
      budget: { ratio: 0.5 },
    };
    const { id } = adaptations.create(request);
    expect(await stream.next()).toMatchObject({ type: 'adaptation', data: { ref: id, type: 'queued' } });
    adaptations.appendEvent(id, 1, 'seed-trained', {});
    expect(await stream.next()).toMatchObject({ data: { ref: id, type: 'seed-trained', data: { seq: 1 } } });
    adaptations.setStatus(id, 'failed');
    expect(await stream.next()).toMatchObject({ data: { ref: id, type: 'failed' } });
    await stream.close();
  });

  it('resumes after the last event that a client saw, and says when it cannot', async () => {
    new DeviceRepository(t.db).register({ name: 'board', runtime: 'fake', options: { threads: 1 } });
    const changes = new ChangeLog(t.db);
    const lastId = changes.lastId();
    const resumed = await open({ 'last-event-id': String(lastId - 1) });
    expect(await resumed.next()).toMatchObject({ id: lastId, type: 'device', data: { ref: 'board' } });
    await resumed.close();

    // Of another database, or older than what is kept.
    for (const id of [lastId + 1, 0]) {
      const fresh = await open({ 'last-event-id': String(id) });
      expect(await fresh.next()).toEqual({ id: lastId, type: 'reset', data: {} });
      await fresh.close();
    }
  });

  it('keeps the latest twenty thousand, more or less', () => {
    const jobs = new JobRepository(t.db);
    const { id } = jobs.create({
      kind: 'measure',
      queue: 'device.bench',
      priority: 0,
      payload: {} as never,
    });
    t.db.transaction(() => {
      for (let i = 0; i < 21_000; i++) jobs.appendEvent(id, 'progress', { done: i, total: 21_000 });
    })();
    const changes = new ChangeLog(t.db);
    const oldest = changes.list(0, 1)[0]!;
    expect(changes.lastId() - oldest.id).toBeGreaterThanOrEqual(20_000 - 1);
    expect(changes.lastId() - oldest.id).toBeLessThan(20_000 + 512);
    expect(changes.reachesBackTo(oldest.id - 2)).toBe(false);
    expect(changes.reachesBackTo(oldest.id - 1)).toBe(true);
  });
});
