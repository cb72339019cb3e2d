import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Logger } from 'pino';
import { restartDelay } from './restart-delay.js';

export interface ManagedProcessOptions {
  readonly name: string;
  /** Built JavaScript to run. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error are appended to this file. */
  readonly logFile: string;
  readonly logger: Logger;
  /** What the process says over its IPC channel. */
  readonly onMessage?: (message: unknown) => void;
}

/** One service process: started again whenever it dies, until it is told to stop. */
export class ManagedProcess {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private failures = 0;
  private ended: (() => void) | undefined;
  /** Settles once the process was stopped and is gone. */
  readonly gone: Promise<void>;
  private args: readonly string[];

  constructor(private readonly options: ManagedProcessOptions) {
    this.args = options.args;
    this.gone = new Promise((resolve) => {
      this.ended = resolve;
    });
  }

  get name(): string {
    return this.options.name;
  }

  get logFile(): string {
    return this.options.logFile;
  }

  /** Undefined while it waits to be started again. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** For the next start: e.g. the port that the first one found. */
  setArguments(args: readonly string[]): void {
    this.args = args;
  }

  start(): void {
    const { name, logger } = this.options;
    const startedAtMs = Date.now();
    try {
      this.child = this.spawn();
    } catch (error) {
      this.onNoStart(error);
      return;
    }
    const { child } = this;
    // Node says `error` instead of `exit` where there is no process; later ones are about signals and messages.
    child.on('error', (error) => {
      if (child.pid === undefined) this.onNoStart(error);
      else logger.error({ process: name, err: error }, 'a signal or message did not arrive');
    });
    child.once('exit', (code, signal) => this.onExit(code, signal, Date.now() - startedAtMs));
    if (child.pid !== undefined) logger.info({ process: name, pid: child.pid }, 'started');
  }

  /** Asks it to wind up; `gone` tells when it has. */
  stop(): void {
    this.stopping = true;
    clearTimeout(this.restart);
    if (this.child === undefined) this.ended?.();
    else this.child.kill('SIGTERM');
  }

  /** Ends it at once. */
  kill(): void {
    this.stop();
    this.child?.kill('SIGKILL');
  }

  private spawn(): ChildProcess {
    const { entry, env, logFile, onMessage } = this.options;
    const log = openSync(logFile, 'a');
    try {
      // A group of its own: Ctrl-C reaches the supervisor alone, which then stops everything in order.
      const child = spawn(process.execPath, [entry, ...this.args], {
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...process.env, ...env },
        detached: true,
      });
      if (onMessage !== undefined) child.on('message', onMessage);
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** The machine is out of processes, memory or files: it may have some again. */
  private onNoStart(error: unknown): void {
    const { name, logger } = this.options;
    logger.error({ process: name, err: error }, 'could not start');
    this.onExit(null, null, 0);
  }

  private onExit(code: number | null, signal: NodeJS.Signals | null, ranMs: number): void {
    const { name, logger, logFile } = this.options;
    this.child = undefined;
    if (this.stopping) {
      logger.info({ process: name, code, signal }, 'stopped');
      this.ended?.();
      return;
    }
    const { delayMs, failures } = restartDelay(this.failures, ranMs);
    this.failures = failures;
    logger.warn({ process: name, code, signal, ranMs, delayMs, logFile }, 'died; starting it again');
    this.restart = setTimeout(() => this.start(), delayMs);
  }
}
