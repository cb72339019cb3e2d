import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { BlobStore } from '../../db/blob-store.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const API = fileURLToPath(new URL('../../dist/services/api/server.js', import.meta.url));

async function startApi(dataDirectory: string) {
  const child = fork(API, ['--port', '0', '--data', dataDirectory], { silent: true });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [message] = (await once(child, 'message')) as [{ readonly port: number }];
  return { child, port: message.port };
}

it('an api that is told to stop ends what it is answering, and event streams, and takes nothing new', async () => {
  const dataDirectory = temporaryDirectory();
  const { child, port } = await startApi(dataDirectory);
  const bytes = Buffer.alloc(200_000, 'weights');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const events = await fetch(`http://127.0.0.1:${port}/events`);
  expect(events.status).toBe(200);
  const upload = request({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    path: `/blobs/${sha256}`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
  });
  upload.write(bytes.subarray(0, 100_000));
  // It has begun for the api too: the file is there.
  const folder = join(dataDirectory, 'blobs', sha256.slice(0, 2));
  while (!existsSync(folder) || readdirSync(folder).length === 0) await new Promise((r) => setTimeout(r, 20));
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await events.text();
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  upload.end(bytes.subarray(100_000));
  const [answer] = (await once(upload, 'response')) as [{ readonly statusCode: number; resume(): void }];
  answer.resume();
  expect(answer.statusCode).toBe(201);
  expect(await exited).toEqual([0, null]);
  expect(Buffer.from(await new BlobStore(dataDirectory).get(sha256)).equals(bytes)).toBe(true);
});

it('an api that is told to stop does not wait for ever for a client that stalls', async () => {
  const { child, port } = await startApi(temporaryDirectory());
  const upload = request({
    host: '127.0.0.1',
    port,
    method: 'PUT',
    path: `/blobs/${'0'.repeat(64)}`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': 1000 },
  });
  upload.on('error', () => undefined);
  upload.write('half');
  await once(upload, 'socket');
  await fetch(`http://127.0.0.1:${port}/healthz`);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
