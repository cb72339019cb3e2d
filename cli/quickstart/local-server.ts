import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { Readiness } from '../../contracts/http/health.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { ApiClient } from '../http/api-client.js';
import { SERVE_ENTRY } from '../serve-entry.js';
import { freePort } from './free-port.js';

const READY_WITHIN_MS = 90_000;
/** What `serve` itself allows its processes, and some. */
const STOP_WITHIN_MS = 20_000;

/** A `lutra serve` of one's own: on a free port, with its own data, gone when it is stopped. */
export class LocalServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly logFile: string,
  ) {}

  /** Starts it; it is not ready yet. */
  static async start(dataDirectory: string): Promise<LocalServer> {
    if (!existsSync(SERVE_ENTRY)) {
      throw new CliError('the service is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
    }
    mkdirSync(dataDirectory, { recursive: true });
    const port = await freePort();
    const logFile = join(dataDirectory, 'serve.log');
    const log = openSync(logFile, 'a');
    // A group of its own: Ctrl-C comes here alone, and this stops the server in its own time. Should this process be
    // killed, the closing IPC channel tells the server to end.
    const child = spawn(
      process.execPath,
      [SERVE_ENTRY, '--port', String(port), '--host', '127.0.0.1', '--data', dataDirectory],
      { stdio: ['ignore', log, log, 'ipc'], detached: true },
    );
    closeSync(log);
    return new LocalServer(child, `http://127.0.0.1:${port}`, logFile);
  }

  /** Waits until the api answers and a worker has described the device. */
  async ready(deviceName: string, signal: AbortSignal): Promise<void> {
    const client = new ApiClient({ url: this.url, token: undefined }, signal);
    const giveUpAtMs = performance.now() + READY_WITHIN_MS;
    let lastError: unknown = 'its worker has not described the device';
    while (performance.now() < giveUpAtMs) {
      signal.throwIfAborted();
      if (this.hasEnded) throw this.failure(`the service ended with code ${this.child.exitCode}`);
      try {
        const { ready } = await client.get<Readiness>('/readyz');
        if (ready && (await client.get<DeviceView>(`/devices/${deviceName}`)).environment !== null) return;
      } catch (error) {
        lastError = error;
      }
      await delay(150, undefined, { signal });
    }
    throw this.failure(`the service was not ready within ${READY_WITHIN_MS / 1000} s: ${lastError}`);
  }

  /** Ends it and everything it started, by force if it takes too long. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(force);
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private failure(message: string): CliError {
    const tail = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ');
    return new CliError(message, { exitCode: EXIT.failed, hint: `the end of ${this.logFile}:\n  ${tail}` });
  }
}
