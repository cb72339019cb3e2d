import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const bytes = Buffer.from(Float32Array.of(1, 2, 3).buffer);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const put = (hash: string, body: Buffer | Readable, type = 'application/octet-stream') =>
  t.inject({ method: 'PUT', url: `/blobs/${hash}`, headers: { 'content-type': type }, payload: body });
const get = (headers: Record<string, string> = {}) => t.get(`/blobs/${sha256}`, headers);

describe('blobs', () => {
  it('come back as they were sent', async () => {
    const stored = await put(sha256, bytes);
    expect(stored.statusCode).toBe(201);
    expect(stored.json()).toEqual({ sha256, bytes: 12 });
    expect((await put(sha256, bytes)).statusCode).toBe(200);
    const read = await get();
    expect(read.rawPayload).toEqual(bytes);
    expect(read.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '12',
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
    });
    expect((await t.inject({ method: 'HEAD', url: `/blobs/${sha256}` })).headers['content-length']).toBe(
      '12',
    );
  });

  it('must be what their name says, and leave nothing behind when they are not', async () => {
    const answer = await put('0'.repeat(64), bytes);
    expect(answer.json()).toMatchObject({ status: 400, pointer: '/sha256', in: 'path' });
    expect(answer.json().detail).toContain(sha256);
    expect(await t.blobs.has('0'.repeat(64))).toBe(false);
    expect(await t.blobs.list()).toEqual([]);
    expect(readdirSync(`${t.directory}/blobs/00`)).toEqual([]);
    expect((await put('nonsense', bytes)).statusCode).toBe(400);
    expect((await put(sha256, bytes, 'text/plain')).statusCode).toBe(415);
    expect((await t.get('/blobs/nonsense')).statusCode).toBe(400);
    expect((await get()).json().code).toBe('not-found');
  });

  it('of which more comes than is allowed are refused on the way, and are never held in memory', async () => {
    const chunk = Buffer.alloc(2 ** 20, 7);
    let sentBytes = 0;
    let mostBytes = 0;
    const before = process.memoryUsage().arrayBuffers;
    const endless = Readable.from(
      (async function* () {
        for (; sentBytes < 512 * 2 ** 20; sentBytes += chunk.length) {
          mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before);
          yield chunk;
        }
      })(),
    );
    await t.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = t.app.server.address() as AddressInfo;
    const sent = request({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      path: `/blobs/${sha256}`,
      headers: { 'content-type': 'application/octet-stream' },
    });
    endless.pipe(sent);
    const status = await new Promise((resolve) => {
      sent.once('response', (answer) => resolve(answer.statusCode));
      // The api hangs up while more is being sent.
      sent.on('error', (error) => resolve(error));
    });
    endless.destroy();
    sent.destroy();
    expect(status).toBe(413);
    expect(sentBytes).toBeGreaterThanOrEqual(128 * 2 ** 20);
    expect(sentBytes).toBeLessThan(200 * 2 ** 20);
    expect(mostBytes).toBeLessThan(64 * 2 ** 20);
    expect(await t.blobs.list()).toEqual([]);
    const announced = await t.inject({
      method: 'PUT',
      url: `/blobs/${sha256}`,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(2 ** 30) },
    });
    expect(announced.statusCode).toBe(413);
  });
});

describe('a range of a blob', () => {
  beforeEach(async () => {
    await put(sha256, bytes);
  });

  it.each([
    ['bytes=0-3', 0, 3],
    ['bytes=4-', 4, 11],
    ['bytes=-2', 10, 11],
    ['bytes=8-99', 8, 11],
    ['bytes=-99', 0, 11],
    ['bytes=11-11', 11, 11],
  ])('%s', async (range, start, end) => {
    const answer = await get({ range });
    expect(answer.statusCode).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end}/12`);
    expect(answer.headers['content-length']).toBe(String(end - start + 1));
    expect(answer.rawPayload).toEqual(bytes.subarray(start, end + 1));
  });

  it.each(['bytes=12-', 'bytes=99-100', 'bytes=-0'])('%s lies behind the end', async (range) => {
    const answer = await get({ range });
    expect(answer.json()).toMatchObject({ status: 416, code: 'range-not-satisfiable' });
    expect(answer.headers['content-range']).toBe('bytes */12');
  });

  it.each(['lines=0-3', 'bytes=3-1', 'bytes=-', 'bytes=0-1,4-5', 'nonsense'])(
    '%s is the whole',
    async (range) => {
      const answer = await get({ range });
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload).toEqual(bytes);
    },
  );

  it('of another version is the whole, and an unchanged one nothing', async () => {
    expect((await get({ range: 'bytes=0-3', 'if-range': '"other"' })).statusCode).toBe(200);
    expect((await get({ range: 'bytes=0-3', 'if-range': `"${sha256}"` })).statusCode).toBe(206);
    const unchanged = await get({ 'if-none-match': `"${sha256}"` });
    expect(unchanged.statusCode).toBe(304);
    expect(unchanged.rawPayload.length).toBe(0);
  });
});
