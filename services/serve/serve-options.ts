import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type LocalDevice, parseLocalDevice } from './local-device.js';
import { computingOptions, countOption } from './option-values.js';
import type { ServeOptions } from './serve.js';
import { usageError } from './usage-error.js';

export interface ServeCommand {
  /** Only the help is asked for. */
  readonly help: boolean;
  /** Ready is said as a line of JSON. */
  readonly json: boolean;
  readonly options: Omit<ServeOptions, 'logger'>;
}

/**
 * Reads the command line of the service.
 * @param args without the interpreter and the script
 * @throws LutraError `invalid-request` naming the option
 */
export function readServeOptions(args: readonly string[]): ServeCommand {
  const values = parse(args);
  const { port, host, https, data, datasets, trainers, help, json } = values;
  const options = {
    port: countOption('--port', port, { most: 65_535 }),
    host,
    https,
    dataDirectory: data,
    ...(datasets === undefined ? {} : { datasetFolders: datasets.map((folder) => resolve(folder)) }),
    ...(trainers === undefined ? {} : { trainers: countOption('--trainers', trainers, { most: 1024 }) }),
    devices: devicesOf(values),
  };
  return { help, json, options };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8787' },
        host: { type: 'string', default: '127.0.0.1' },
        https: { type: 'boolean', default: false },
        data: { type: 'string', default: process.env.LUTRA_DATA ?? '.lutra' },
        datasets: { type: 'string', multiple: true },
        trainers: { type: 'string' },
        device: { type: 'string', multiple: true, default: ['local'] },
        runtime: { type: 'string', default: 'onnxruntime' },
        threads: { type: 'string', default: '1' },
        dtype: { type: 'string', default: 'float32' },
        'runtime-options': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

function devicesOf(values: Values): readonly LocalDevice[] {
  const defaults = { runtime: values.runtime, ...computingOptions(values) };
  const devices = values.device.map((text) => parseLocalDevice(text, defaults));
  const twice = devices.find(({ name }, i) => devices.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw usageError(`--device: two are named '${twice.name}'`);
  return devices;
}
