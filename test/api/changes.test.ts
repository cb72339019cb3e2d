import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { ChangeLog } from '../../db/repositories/changes.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { driveTo } from '../db/drive-to.js';
import { type ReceivedEvent, readEvents } from './read-events.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
let url: string;
beforeEach(async () => {
  t = await startTestApp();
  url = await t.app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => t.close());

/** Sends a request on a connection of its own, and reads nothing of the answer until asked to. */
function request(head: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.pause();
  socket.write(`${head}\r\nhost: 127.0.0.1\r\n\r\n`);
  return socket;
}

describe('an api that closes', () => {
  // Without a word of the api these clients would stay, and so would it: for a minute and more.
  it('waits for no client that stopped reading its event stream', async () => {
    const jobs = new JobRepository(t.db);
    const { id } = jobs.create({ kind: 'measure', queue: 'q', priority: 0, payload: {} as never });
    const note = 'x'.repeat(2_000);
    t.db.transaction(() => {
      for (let i = 0; i < 10_000; i++) jobs.appendEvent(id, 'progress', { done: i, total: 1, note });
    })();
    const socket = request(`GET /jobs/${id}/events HTTP/1.1`);
    await once(t.app.server, 'request');
    // 20 MB: more than the system takes in for a client that does not read.
    await setTimeout(300);
    await t.close();
    expect(socket.bytesRead).toBeLessThan(10_000 * note.length);
    socket.destroy();
  });

  it('waits for no further request of a client that waited for work or held a stream', async () => {
    const events = request('GET /events HTTP/1.1');
    const body = JSON.stringify({ worker: 'w', device: 'bench', waitMs: 30_000 });
    const post = 'POST /leases HTTP/1.1\r\ncontent-type: application/json';
    const work = request(`${post}\r\ncontent-length: ${body.length}`);
    work.write(body);
    await once(t.app.server, 'request');
    await once(t.app.server, 'request');
    await setTimeout(100);
    await t.close();
    const received = await Promise.all([events, work].map((socket) => text(socket.resume())));
    expect(received[0]).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*event: reset[\s\S]*\r\n0\r\n\r\n$/);
    expect(received[1]).toMatch(/^HTTP\/1\.1 204 No Content[\s\S]*connection: close/i);
  });
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
    driveTo(adaptations, id, 'failed');
    expect(await stream.next()).toMatchObject({ data: { ref: id, type: 'running' } });
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
