import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { Problem } from '../../contracts/http/problem.js';
import { openDatabase } from '../../db/open-database.js';
import type { ServerMessage } from '../../services/api/server-message.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { fillDisk, mountSmallDisk } from '../support/small-disk.js';

const API = fileURLToPath(new URL('../../dist/services/api/server.js', import.meta.url));
const MB = 2 ** 20;

/** The built api as a process of its own. @param limitKb of every file that it writes */
async function startApi(dataDirectory: string, limitKb?: number): Promise<string> {
  const args = [API, '--port', '0', '--data', dataDirectory];
  const limited = ['-c', `ulimit -f ${limitKb} && exec "$0" "$@"`, process.execPath, ...args];
  const [file, words] = limitKb === undefined ? [process.execPath, args] : ['bash', limited];
  const child: ChildProcess = spawn(file, words, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [message] = (await once(child, 'message')) as [ServerMessage];
  if (message.type !== 'listening') throw new Error(message.message);
  return message.url;
}

async function put(url: string, bytes: Buffer): Promise<{ status: number; problem: Problem }> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length };
  const upload = request(`${url}/blobs/${sha256}`, { method: 'PUT', headers });
  // The refusal comes while the rest is on its way, and its connection ends.
  upload.on('error', () => undefined);
  upload.end(bytes);
  const [answer] = (await once(upload, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, problem: JSON.parse(text) as Problem };
}

function filesOf(dataDirectory: string): readonly string[] {
  const blobs = join(dataDirectory, 'blobs');
  return existsSync(blobs) ? readdirSync(blobs).flatMap((folder) => readdirSync(join(blobs, folder))) : [];
}

const measure = (url: string) =>
  fetch(`${url}/measure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device: 'bench', candidate: { zoo: 'mobilenet-v3-tiny' } }),
  });

async function register(url: string): Promise<void> {
  const body = JSON.stringify({ name: 'bench', runtime: 'fake' });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${url}/devices`, { method: 'POST', headers, body })).status).toBe(201);
}

it('a blob that no file may hold is refused with 507 and a hint, and leaves nothing', async () => {
  const dataDirectory = temporaryDirectory();
  const url = await startApi(dataDirectory, 8 * 1024);
  await register(url);
  const refused = await put(url, randomBytes(16 * MB));
  expect(refused).toMatchObject({ status: 507, problem: { code: 'database-full', retryable: false } });
  expect(refused.problem.detail).toContain('lutra blobs collect');
  expect(filesOf(dataDirectory)).toEqual([]);
  expect((await put(url, randomBytes(MB))).status).toBe(201);
  expect((await measure(url)).status).toBe(202);
});

it('a full disk refuses blobs and jobs with 507, keeps no half of one, is read, and goes on once there is space', async (context) => {
  const disk = temporaryDirectory();
  if (!mountSmallDisk(disk, '12m')) return context.skip('this user may not mount a small disk');
  const dataDirectory = join(disk, 'data');
  mkdirSync(dataDirectory);
  const url = await startApi(dataDirectory);
  await register(url);
  expect((await put(url, randomBytes(MB))).status).toBe(201);
  expect((await put(url, randomBytes(16 * MB))).status).toBe(507);
  expect(filesOf(dataDirectory)).toHaveLength(1);

  fillDisk(join(disk, 'filler'));
  let answer = await measure(url);
  let accepted = 0;
  for (; answer.status === 202; answer = await measure(url)) accepted++;
  expect(answer.status).toBe(507);
  expect(await answer.json()).toMatchObject({ code: 'database-full', retryable: false });
  expect((await put(url, randomBytes(MB))).status).toBe(507);
  for (const path of ['/jobs', '/devices', '/metrics', '/readyz']) {
    expect((await fetch(`${url}${path}`)).status, path).toBe(200);
  }

  rmSync(join(disk, 'filler'));
  expect((await measure(url)).status).toBe(202);
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  const count = (sql: string) => db.prepare<[], number>(sql).pluck().get();
  expect(count('SELECT count(*) FROM job')).toBe(accepted + 1);
  expect(count("SELECT count(*) FROM job_event WHERE type = 'queued'")).toBe(accepted + 1);
  expect(count('SELECT count(*) FROM queue_entry')).toBe(accepted + 1);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});
