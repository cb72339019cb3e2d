import { join } from 'node:path';
import type { Logger } from 'pino';
import { LutraError } from '../../core/errors.js';
import { type Cores, formatCores } from '../worker/format-cores.js';
import { allowedCores } from './allowed-cores.js';
import { builtEntry } from './built-entry.js';
import type { LocalDevice } from './local-device.js';
import { ManagedProcess } from './managed-process.js';

/**
 * The processes beside the api: a worker for each device, which measures on as many cores as it has threads, the first
 * ones; trainers on every core (they give a core up while it measures); and the orchestrator of adaptations. None is
 * started yet.
 * @throws LutraError `invalid-request` for a device of more threads than there are cores
 */
export function localProcesses(options: {
  readonly devices: readonly LocalDevice[];
  /** Default: one for each core. */
  readonly trainers?: number;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly logger: Logger;
}): readonly ManagedProcess[] {
  const { devices, dataDirectory, logDirectory, logger } = options;
  const cores = allowedCores();
  const core = (i: number): string => String(cores[i % cores.length] ?? 0);
  const make = (name: string, entry: string, args: readonly string[]): ManagedProcess =>
    new ManagedProcess({
      name,
      entry: builtEntry(entry),
      args: [...args, '--data', dataDirectory],
      logFile: join(logDirectory, `${name}.log`),
      logger,
    });
  const trainers = Array.from({ length: options.trainers ?? cores.length }, (_, i) =>
    make(`trainer-${i}`, 'worker/main.js', ['--role', 'train', '--cpu', core(i)]),
  );
  return [
    ...devices.map((device) => {
      const args = ['--role', 'measure', '--device', device.name, '--cpu', coresOf(device, cores)];
      return make(`worker-${device.name}`, 'worker/main.js', args);
    }),
    ...trainers,
    make('netadapt', 'netadapt/main.js', []),
  ];
}

/** One core for each thread: two on one core would take turns. */
function coresOf({ name, threads }: LocalDevice, cores: Cores): string {
  if (threads <= cores.length) return formatCores(cores.slice(0, threads));
  throw new LutraError(
    'invalid-request',
    `device ${name}: ${threads} threads need as many cores, and this machine gives ${cores.length}`,
    { pointer: '/threads' },
  );
}
