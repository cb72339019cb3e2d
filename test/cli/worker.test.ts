import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { JobView } from '../../contracts/http/job-view.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { descendantsOf } from '../integration/process-tree.js';
import { type Started, startApi, startLutra } from './run-lutra.js';

let api: Awaited<ReturnType<typeof startApi>>;
let admin: string;
let token: string;
let worker: Started | undefined;
beforeEach(async () => {
  api = await startApi();
  const tokens = new TokenRepository(api.db);
  admin = tokens.create({ name: 'admin', scope: 'admin' }).text;
  token = tokens.create({ name: 'board', scope: 'device', device: 'board' }).text;
});
afterEach(async () => {
  worker?.kill('SIGINT');
  await worker?.finished;
  await api.stop();
});

function start(runtime: string): Started {
  const named = ['--server', api.url, '--token', token, '--device', 'board', '--runtime', runtime];
  worker = startLutra(['worker', ...named, '--label', 'bench']);
  return worker;
}

async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
  const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`${api.url}${path}`, sent);
  return (await answer.json()) as T;
}

const device = () => call<Partial<DeviceView>>('GET', '/devices/board');
const lastSeenAtMs = async () => (await device()).lastSeenAtMs ?? 0;
const submit = async () => {
  const { job } = await call<{ job: JobView }>('POST', '/measure', {
    device: 'board',
    ops: ['dense:64>10:f32'],
    remeasure: true,
  });
  return async () => call<JobView>('GET', `/jobs/${job.id}`);
};
const within = { timeout: 60_000, interval: 100 };

it('lutra worker: shows that it lives, takes nothing while drained, is missed when it dies, ends on Ctrl-C', async () => {
  const first = start('fake');
  await first.said(/Measures for http\S+ as device board; Ctrl-C stops\./);
  await expect
    .poll(device, within)
    .toMatchObject({ state: 'active', labels: ['bench'], environment: { runtime: 'fake', threads: 1 } });
  const seenAtMs = await lastSeenAtMs();
  await expect.poll(lastSeenAtMs, within).toBeGreaterThan(seenAtMs);

  const processes = descendantsOf(first.pid).map(({ pid }) => pid);
  expect(processes.length).toBeGreaterThan(0);
  for (const pid of processes) {
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(token);
  }

  await call('POST', '/devices/board/drain', {});
  const job = await submit();
  const drainedAtMs = await lastSeenAtMs();
  // It has asked since, twice at least, and was given nothing.
  await expect.poll(lastSeenAtMs, within).toBeGreaterThan(drainedAtMs);
  expect(await job()).toMatchObject({ status: 'queued', attempts: 0 });
  expect(await device()).toMatchObject({ state: 'draining' });
  await call('POST', '/devices/board/resume', {});
  await expect.poll(job, within).toMatchObject({ status: 'finished', outcome: 'ok', attempts: 1 });

  first.kill('SIGKILL');
  await first.finished;
  await expect.poll(device, within).toMatchObject({ state: 'offline' });
  expect(processes.filter((pid) => isAlive(pid))).toEqual([]);
  const later = await submit();

  const second = start('fake');
  await expect.poll(later, within).toMatchObject({ status: 'finished', outcome: 'ok' });
  expect(await device()).toMatchObject({ state: 'active' });
  second.kill('SIGINT');
  expect((await second.finished).code).toBe(0);
}, 180_000);

it('lutra worker --runtime onnxruntime: this machine is the device', async () => {
  start('onnxruntime');
  await expect
    .poll(device, within)
    .toMatchObject({ state: 'active', environment: { runtime: 'onnxruntime', dtype: 'float32' } });
  const job = await submit();
  await expect.poll(job, within).toMatchObject({ status: 'finished' });
  expect((await job()).result).toMatchObject({
    kind: 'measure',
    ops: [{ key: 'dense:64>10:f32', latencyMs: expect.any(Number), source: 'measured', failure: null }],
  });
}, 180_000);

it('lutra worker: says why it cannot begin', async () => {
  const foreign = startLutra([
    'worker',
    '--server',
    api.url,
    '--token',
    token,
    '--device',
    'other',
    '--runtime',
    'fake',
  ]);
  const { code, stderr } = await foreign.finished;
  expect(code).toBe(1);
  expect(stderr).toContain("acts for device 'board' only");
});

it('lutra worker: says that its token is none', async () => {
  const stranger = startLutra(['worker', '--server', api.url, '--token', 'lutra_none', '--runtime', 'fake']);
  const { code, stderr } = await stranger.finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^lutra worker: .*token/m);
  expect(stderr).not.toMatch(/^ +at /m);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
