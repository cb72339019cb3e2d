import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceView } from '../../contracts/http/device-view.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { ApiClient } from '../http/api-client.js';
import { SERVE_ENTRY } from '../serve-entry.js';

/** The api listens within seconds; a worker describes its device once it has probed the runtime. */
const READY_WITHIN_MS = 90_000;
/** What `serve` itself allows its processes, and some. */
const STOP_WITHIN_MS = 20_000;

export interface LocalServerOptions {
  readonly dataDirectory: string;
  /** More of its command line, e.g. another runtime. */
  readonly args?: readonly string[];
  readonly signal: AbortSignal;
}

/** A `lutra serve` of one's own: on a free port, with its own data, gone when it is stopped. */
export class LocalServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly logFile: string,
  ) {}

  /**
   * Starts it and waits until its api listens.
   * @throws CliError when it cannot start, with the end of its log
   */
  static async start({ dataDirectory, args = [], signal }: LocalServerOptions): Promise<LocalServer> {
    if (!existsSync(SERVE_ENTRY)) {
      throw new CliError('the service is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
    }
    mkdirSync(dataDirectory, { recursive: true });
    const logFile = join(dataDirectory, 'serve.log');
    const log = openSync(logFile, 'a');
    // A group of its own: Ctrl-C comes here alone, and this stops the server in its own time. Should this process be
    // killed, the closing IPC channel tells the server to end.
    const child = spawn(
      process.execPath,
      [SERVE_ENTRY, '--port', '0', '--host', '127.0.0.1', '--data', dataDirectory, ...args],
      { stdio: ['ignore', log, log, 'ipc'], detached: true },
    );
    closeSync(log);
    try {
      return new LocalServer(child, await listening(child, logFile, signal), logFile);
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  /** Waits until a worker has described the device. */
  async ready(deviceName: string, signal: AbortSignal): Promise<void> {
    const client = new ApiClient({ url: this.url, token: undefined }, signal);
    const giveUpAtMs = performance.now() + READY_WITHIN_MS;
    while (performance.now() < giveUpAtMs) {
      if (hasEnded(this.child)) throw failure('the service ended', this.logFile);
      const { environment } = await client.get<DeviceView>(`/devices/${encodeURIComponent(deviceName)}`);
      if (environment !== null) return;
      await delay(150, undefined, { signal });
    }
    throw failure(`no worker described ${deviceName} within ${READY_WITHIN_MS / 1000} s`, this.logFile);
  }

  /** Ends it and everything it started, by force if it takes too long. */
  async stop(): Promise<void> {
    await end(this.child);
  }
}

/** The address, once the service says that it is ready. */
async function listening(child: ChildProcess, logFile: string, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  const ended = once(child, 'exit', { signal: limit }).then(([code]) => {
    throw failure(`the service ended with code ${code}`, logFile);
  });
  const told = once(child, 'message', { signal: limit }).then(([message]) => {
    if (isReady(message)) return message.url;
    throw failure('the service could not start', logFile);
  });
  // Whichever loses the race is done with; its later rejection is nobody's news.
  ended.catch(() => {});
  told.catch(() => {});
  return Promise.race([ended, told]);
}

function isReady(message: unknown): message is { readonly type: 'ready'; readonly url: string } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function failure(message: string, logFile: string): CliError {
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ');
  return new CliError(message, { exitCode: EXIT.failed, hint: `the end of ${logFile}:\n  ${tail}` });
}
