import { join } from 'node:path';
import type { Logger } from 'pino';
import { allowedCores } from './allowed-cores.js';
import { builtEntry } from './built-entry.js';
import type { LocalDevice } from './local-device.js';
import { ManagedProcess } from './managed-process.js';

/**
 * The processes beside the api: a worker for each device, which measures on the first core, trainers on every core (they give a core up
 * while it measures), and the orchestrator of adaptations. None is started yet.
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
    ...devices.map(({ name }) =>
      make(`worker-${name}`, 'worker/main.js', ['--role', 'measure', '--device', name, '--cpu', core(0)]),
    ),
    ...trainers,
    make('netadapt', 'netadapt/main.js', []),
  ];
}
