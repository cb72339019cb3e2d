import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import type { ServeReady } from '../../services/serve/main.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { goneWithin, isAlive } from './processes.js';

const MAIN = fileURLToPath(new URL('../../dist/services/serve/main.js', import.meta.url));

interface Running {
  readonly process: ChildProcess;
  readonly ready: ServeReady;
}

function start(args: readonly string[]): { readonly process: ChildProcess; readonly text: () => string } {
  const child = fork(MAIN, ['--runtime', 'fake', '--trainers', '1', ...args], { silent: true });
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  return { process: child, text: () => text };
}

async function startServing(dataDirectory: string, args: readonly string[] = []): Promise<Running> {
  const { process, text } = start(['--port', '0', '--data', dataDirectory, ...args]);
  const [message] = (await once(process, 'message')) as [ServeReady];
  expect(message.type, text()).toBe('ready');
  return { process, ready: message };
}

const pidOf = ({ processes }: ServeReady, name: string): number =>
  processes.find((candidate) => candidate.name === name)!.pid!;

async function answersAgain(url: string, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 50) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) return true;
    await sleep(50);
  }
  return false;
}

describe('serve', () => {
  it('starts every service and says where', async () => {
    const { ready } = await startServing(temporaryDirectory());
    expect(ready.processes.map(({ name }) => name)).toEqual(['api', 'worker-local', 'trainer-0', 'netadapt']);
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const device = async () => (await fetch(`${ready.url}/devices/local`)).json();
    expect(await device()).toMatchObject({ runtime: 'fake', threads: 1 });
    // Offline until its worker has described it.
    await expect.poll(device, { timeout: 20_000 }).toMatchObject({ state: 'active' });
  });

  it('listens beyond this machine once there is a token, which then everyone needs', async () => {
    const dataDirectory = temporaryDirectory();
    const db = openDatabase(join(dataDirectory, 'lutra.db'));
    const { text } = new TokenRepository(db).create({ name: 'me', scope: 'read' });
    db.close();
    const { ready } = await startServing(dataDirectory, ['--host', '0.0.0.0']);
    const url = ready.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/devices`)).status).toBe(401);
    expect((await fetch(`${url}/devices`, { headers: { authorization: `Bearer ${text}` } })).status).toBe(
      200,
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('brings a killed api back at the same address', async () => {
    const { ready } = await startServing(temporaryDirectory());
    const pid = pidOf(ready, 'api');
    process.kill(pid, 'SIGKILL');
    expect(await goneWithin(pid, 2_000)).toBe(true);
    expect(await answersAgain(ready.url, 10_000)).toBe(true);
  });

  it('stops everything on SIGTERM', async () => {
    const { process: serving, ready } = await startServing(temporaryDirectory());
    serving.kill('SIGTERM');
    const [code] = (await once(serving, 'exit')) as [number];
    expect(code).toBe(0);
    for (const { name, pid } of ready.processes) {
      expect(pid === undefined || !isAlive(pid), name).toBe(true);
    }
  });

  it('takes everything with it when it is killed', async () => {
    const { process: serving, ready } = await startServing(temporaryDirectory());
    serving.kill('SIGKILL');
    for (const { name, pid } of ready.processes) {
      if (pid !== undefined) expect(await goneWithin(pid, 12_000), name).toBe(true);
    }
  });

  it('measures what an earlier life left behind', async () => {
    const dataDirectory = temporaryDirectory();
    const db = openDatabase(join(dataDirectory, 'lutra.db'));
    new DeviceRepository(db).register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
    // Stored, and lost before it reached the queue.
    const { id } = new JobRepository(db).create({
      kind: 'measure',
      queue: 'device.local',
      priority: 0,
      payload: {
        kind: 'measure',
        device: 'local',
        networks: [],
        ops: ['globalAvgPool:7x7x96:f32'],
        protocol: DEFAULT_PROTOCOL,
        remeasure: false,
      },
    });
    expect(await new SqliteJobQueue(db).depth()).toEqual(new Map());
    db.close();
    const { ready } = await startServing(dataDirectory);
    const events = await (await fetch(`${ready.url}/jobs/${id}/events`)).text();
    expect(events).toContain('event: finished');
    expect(await (await fetch(`${ready.url}/jobs/${id}`)).json()).toMatchObject({ outcome: 'ok' });
  });
});

describe('serve refuses', () => {
  const refusal = async (args: readonly string[], expected = 1): Promise<string> => {
    const { process: serving, text } = start(args);
    const [message] = (await once(serving, 'message')) as [{ type: string; message: string }];
    expect(message.type, text()).toBe('failed');
    const [code] = (await once(serving, 'exit')) as [number];
    expect(code).toBe(expected);
    expect(text()).toContain(message.message);
    return message.message;
  };

  it('to listen beyond this machine', async () => {
    const dataDirectory = temporaryDirectory();
    expect(await refusal(['--host', '0.0.0.0', '--data', dataDirectory])).toContain('lutra tokens create');
  });

  it('a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as { port: number };
    const message = await refusal(['--port', String(port), '--data', temporaryDirectory()]);
    expect(message).toContain(`port ${port} of 127.0.0.1 is in use`);
  });

  it('a data directory that another one works on', async () => {
    const dataDirectory = temporaryDirectory();
    const { ready } = await startServing(dataDirectory);
    expect(await refusal(['--port', '0', '--data', dataDirectory])).toContain('another lutra serve');
    expect(await answersAgain(ready.url, 1_000)).toBe(true);
  });

  it('a device of more threads than there are cores, before anything runs', async () => {
    expect(await refusal(['--data', temporaryDirectory(), '--device', 'many:250'], 2)).toMatch(
      /device many: 250 threads need as many cores, and this machine gives \d+/,
    );
  });

  it('arguments that it does not understand', async () => {
    expect(await refusal(['--port', '99999'], 2)).toContain('--port');
    expect(await refusal(['--runtime-options', '[1]'], 2)).toContain('--runtime-options');
    expect(await refusal(['--prot', '0'], 2)).toContain('--prot');
  });
});
