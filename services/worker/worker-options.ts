import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DeviceRegistration } from '../../contracts/http/device-view.js';
import { checkRuntimeLimits, RUNTIME_NAMES } from '../../runtimes/runtime-limits.js';
import { parseCoreList } from '../serve/allowed-cores.js';
import { computingOptions, countOption, wordOption } from '../serve/option-values.js';
import { usageError } from '../serve/usage-error.js';
import type { Cores } from './format-cores.js';

const RUNTIMES = RUNTIME_NAMES.filter((name) => !name.endsWith('-web'));
const LONGEST_LEASE_MS = 3_600_000;

export interface WorkerOptions {
  readonly role: 'measure' | 'train';
  readonly dataDirectory: string;
  /** Undefined: beside the database. */
  readonly server: string | undefined;
  readonly cores: Cores | null;
  readonly leaseMs: number;
  /** The device, and what it is to a server. */
  readonly registration: DeviceRegistration & { readonly threads: number };
  /** `mnist`, or a directory. */
  readonly datasets: readonly string[];
}

/**
 * Reads a worker's command line.
 * @param args without the interpreter and the script
 * @throws LutraError `invalid-request` naming the option
 */
export function readWorkerOptions(args: readonly string[]): WorkerOptions {
  const values = parse(args);
  const cores = values.cpu === undefined ? null : parseCoreList(values.cpu);
  if (cores?.length === 0) throw usageError(`--cpu ${values.cpu}: expected cores, e.g. 0 or 0-3`);
  return {
    role: wordOption('--role', values.role, ['measure', 'train']),
    dataDirectory: resolve(values.data),
    server: values.server,
    cores,
    leaseMs: countOption('--lease-ms', values['lease-ms'], { least: 1, most: LONGEST_LEASE_MS }),
    registration: registrationOf(values),
    datasets: values.dataset,
  };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        role: { type: 'string', default: 'measure' },
        data: { type: 'string', default: '.lutra' },
        server: { type: 'string' },
        /** The device that a measuring worker stands for; beside the database it must be registered. */
        device: { type: 'string', default: 'local' },
        /** Cores to measure on, e.g. `2` or `0-3`, or the one to train on. Without it the system chooses, and nothing keeps training off a timed window. */
        cpu: { type: 'string' },
        /** A worker that dies is missed after this long. */
        'lease-ms': { type: 'string', default: '6000' },
        /** With `--server`: how the device is registered. */
        runtime: { type: 'string', default: 'onnxruntime' },
        threads: { type: 'string', default: '1' },
        dtype: { type: 'string', default: 'float32' },
        'runtime-options': { type: 'string' },
        label: { type: 'string', multiple: true },
        /** With `--server` and `--role train`: `mnist`, or a directory that this machine has. */
        dataset: { type: 'string', multiple: true, default: ['mnist'] },
      },
    }).values;
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

function registrationOf(values: Values): WorkerOptions['registration'] {
  const registration = {
    name: values.device,
    runtime: wordOption('--runtime', values.runtime, RUNTIMES),
    ...computingOptions(values),
    ...(values.label === undefined ? {} : { labels: values.label }),
  };
  checkRuntimeLimits(registration);
  return registration;
}
