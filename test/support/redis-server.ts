import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { listenOnLoopback } from './listen-on-loopback.js';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** SIGKILL, and a new one on the same port that knows nothing. */
  restart(): Promise<void>;
  /** SIGKILL alone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** SIGSTOP: links stay, and nothing is answered until it goes on. */
  pause(): void;
  goOn(): void;
  close(): Promise<void>;
}

/** A real redis-server on a free loopback port, without persistence: it forgets everything when it ends. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'lutra-redis-'));
  const url = `redis://127.0.0.1:${port}`;
  let child: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', [...args, '--dir', directory], { stdio: 'ignore' });
    child.on('error', (error) => {
      throw new Error('redis-server does not start; install it: apt-get install redis-server', {
        cause: error,
      });
    });
    await untilItAnswers(url);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = undefined;
  };
  await start();
  return {
    port,
    url,
    start,
    kill,
    pause: () => child?.kill('SIGSTOP'),
    goOn: () => child?.kill('SIGCONT'),
    restart: async () => {
      await kill();
      await start();
    },
    close: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A loopback port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  server.close();
  return port;
}

async function untilItAnswers(url: string): Promise<void> {
  for (;;) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.ping();
      return;
    } catch {
      await sleep(20);
    } finally {
      client.disconnect();
    }
  }
}
