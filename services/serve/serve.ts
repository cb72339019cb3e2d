import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import type { LocalDevice } from './local-device.js';
import { localProcesses } from './local-processes.js';
import { lockData } from './lock-data.js';
import { prepareData } from './prepare-data.js';
import { startApi } from './start-api.js';

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** Folders of data sets that callers with a token may name, besides `datasets` in the data folder. */
  readonly datasetFolders?: readonly string[];
  /** Over TLS, with a certificate that this machine signs itself. */
  readonly https?: boolean;
  readonly dataDirectory: string;
  /** Training processes; default one for each core. */
  readonly trainers?: number;
  /** One or more, each with a worker of its own; they take turns on the cores. */
  readonly devices: readonly LocalDevice[];
  readonly logger: Logger;
}

export interface Served {
  readonly url: string;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly processes: readonly {
    readonly name: string;
    readonly logFile: string;
    pid(): number | undefined;
  }[];
  /** Stops every process, at the latest after the given time. */
  stop(limitMs?: number): Promise<void>;
  /** Ends every process at once. */
  kill(): void;
}

const STOP_LIMIT_MS = 10_000;

/**
 * Starts Lutra on this machine: api, a worker for each local device, trainers, and the orchestrator of adaptations, each
 * in a process of its own that is started again when it dies.
 * @throws LutraError `conflict` for an address beyond this machine while no token was made, when the data directory is in
 * use, or when the api cannot listen
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const dataDirectory = resolve(options.dataDirectory);
  const logDirectory = join(dataDirectory, 'logs');
  mkdirSync(logDirectory, { recursive: true });
  const unlock = lockData(dataDirectory);
  try {
    await prepareData({ ...options, dataDirectory });
    const others = localProcesses({ ...options, dataDirectory, logDirectory });
    const api = startApi({ ...options, dataDirectory, logDirectory });
    const processes = [api.process, ...others];
    const stop = async (limitMs = STOP_LIMIT_MS): Promise<void> => {
      const killLate = setTimeout(() => {
        for (const process of processes) process.kill();
      }, limitMs);
      for (const process of processes) process.stop();
      await Promise.all(processes.map(({ gone }) => gone));
      clearTimeout(killLate);
      unlock();
    };
    const url = await api.listening.catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    for (const process of others) process.start();
    return {
      url,
      dataDirectory,
      logDirectory,
      processes: processes.map((process) => ({
        name: process.name,
        logFile: process.logFile,
        pid: () => process.pid,
      })),
      stop,
      kill: () => {
        for (const process of processes) process.kill();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
