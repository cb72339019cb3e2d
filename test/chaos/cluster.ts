import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '../../db/open-database.js';
import type { ServerMessage } from '../../services/api/server-message.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const built = (path: string) => fileURLToPath(new URL(`../../dist/services/${path}`, import.meta.url));
const QUICK_WORKER = fileURLToPath(new URL('./children/quick-worker.mjs', import.meta.url));

export interface WorkerOptions {
  readonly device: string;
  /** Address of the api as this worker sees it; default the api's own. */
  readonly via?: string;
  readonly leaseMs?: number;
  readonly runtimeOptions?: object;
  readonly args?: readonly string[];
}

/** An api and workers as plain processes on one data directory, to be hurt by a test. */
export class Cluster {
  readonly dataDirectory = temporaryDirectory();
  /** The test's own connection, beside the api's. */
  readonly db: Database;
  private api: ChildProcess | undefined;
  private port = 0;
  private readonly children = new Set<ChildProcess>();

  private constructor(private readonly env: Readonly<Record<string, string>>) {
    this.db = openDatabase(join(this.dataDirectory, 'lutra.db'));
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const cluster = new Cluster(env);
    await cluster.startApi();
    return cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** At the same address as before. */
  async startApi(): Promise<void> {
    const args = ['--port', String(this.port), '--data', this.dataDirectory];
    const child = fork(built('api/server.js'), args, { silent: true, env: { ...process.env, ...this.env } });
    this.keep(child);
    const [message] = (await once(child, 'message')) as [ServerMessage];
    if (message.type !== 'listening') throw new Error(message.message);
    this.port = message.port;
    this.api = child;
  }

  async killApi(): Promise<void> {
    const gone = once(this.api!, 'exit');
    this.api!.kill('SIGKILL');
    await gone;
  }

  /** A worker over HTTP: registers its fake device, measures in children as the product does. */
  worker({
    device,
    via = this.url,
    leaseMs = 2_000,
    runtimeOptions,
    args = [],
  }: WorkerOptions): ChildProcess {
    const options = runtimeOptions === undefined ? [] : ['--runtime-options', JSON.stringify(runtimeOptions)];
    const named = ['--server', via, '--device', device, '--runtime', 'fake', '--lease-ms', String(leaseMs)];
    return this.run([built('worker/main.js'), ...named, ...options, ...args]);
  }

  /** A worker beside the database, whose device is registered. */
  localWorker(device: string, leaseMs = 2_000, env: Readonly<Record<string, string>> = {}): ChildProcess {
    const args = ['--data', this.dataDirectory, '--device', device, '--lease-ms', String(leaseMs)];
    return this.run([built('worker/main.js'), ...args], env);
  }

  trainer(datasets: readonly string[], { via = this.url, leaseMs = 2_000 } = {}): ChildProcess {
    const offered = datasets.flatMap((name) => ['--dataset', name]);
    const args = ['--server', via, '--role', 'train', '--lease-ms', String(leaseMs), ...offered];
    return this.run([built('worker/main.js'), ...args]);
  }

  /** A worker over HTTP that measures the fake device in its own process: hundreds of jobs in seconds. */
  quickWorker(device: string, name: string, leaseMs = 1_000): ChildProcess {
    return this.run([QUICK_WORKER, this.url, device, name, String(leaseMs)]);
  }

  async post<T>(path: string, body: unknown): Promise<{ readonly status: number; readonly body: T }> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  async register(device: string, runtimeOptions?: object): Promise<void> {
    await this.post('/devices', { name: device, runtime: 'fake', ...(runtimeOptions && { runtimeOptions }) });
  }

  unfinished(): number {
    return this.count("SELECT count(*) FROM job WHERE status <> 'finished'");
  }

  count(sql: string, ...values: unknown[]): number {
    return this.db
      .prepare<unknown[], number>(sql)
      .pluck()
      .get(...values)!;
  }

  /** What all processes of this cluster have said. */
  get logFile(): string {
    return join(this.dataDirectory, 'all.log');
  }

  async close(): Promise<void> {
    const running = [...this.children].filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      running.map((child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        return gone;
      }),
    );
    this.db.close();
  }

  private run(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...this.env, ...env },
    });
    this.keep(child);
    return child;
  }

  private keep(child: ChildProcess): void {
    this.children.add(child);
    const note = (text: Buffer) => appendFileSync(this.logFile, text);
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    child.once('exit', () => this.children.delete(child));
  }
}

/** Polls until the condition holds; vitest's own limit ends a wait that never does. */
export async function until(condition: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  while (!(await condition())) await sleep(everyMs);
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
