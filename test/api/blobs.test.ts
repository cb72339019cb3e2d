import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const bytes = Buffer.from(Float32Array.of(1, 2, 3).buffer);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const put = (hash: string, body: Buffer, type = 'application/octet-stream') =>
  t.inject({ method: 'PUT', url: `/blobs/${hash}`, headers: { 'content-type': type }, payload: body });

describe('blobs', () => {
  it('come back as they were sent', async () => {
    const stored = await put(sha256, bytes);
    expect(stored.statusCode).toBe(201);
    expect(stored.json()).toEqual({ sha256, bytes: 12 });
    expect((await put(sha256, bytes)).statusCode).toBe(200);
    const read = await t.get(`/blobs/${sha256}`);
    expect(read.rawPayload).toEqual(bytes);
    expect(read.headers['content-type']).toBe('application/octet-stream');
  });

  it('must be what their name says', async () => {
    const answer = await put('0'.repeat(64), bytes);
    expect(answer.json()).toMatchObject({ status: 400, pointer: '/sha256', in: 'path' });
    expect(answer.json().detail).toContain(sha256);
    expect(await t.blobs.has('0'.repeat(64))).toBe(false);
    expect((await put('nonsense', bytes)).json()).toMatchObject({
      status: 400,
      pointer: '/sha256',
      in: 'path',
    });
    expect((await put(sha256, bytes, 'text/plain')).statusCode).toBe(415);
  });

  it('may be larger than a JSON body', async () => {
    const large = Buffer.alloc(3 * 2 ** 20, 7);
    const hash = createHash('sha256').update(large).digest('hex');
    expect((await put(hash, large)).statusCode).toBe(201);
  });
});
