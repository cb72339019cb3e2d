import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { LutraError } from '../../core/errors.js';
import { exitWithParent } from './exit-with-parent.js';
import { isLoopback } from './is-loopback.js';
import { type LocalDevice, type LocalDeviceDefaults, parseLocalDevice } from './local-device.js';
import { type Served, type ServeOptions, serve } from './serve.js';

const HELP = `node dist/services/serve/main.js [options]

Starts the api, a worker for each local device, trainers and the orchestrator of adaptations.

  --port N              port of the api (8787; 0 = any free one)
  --host ADDRESS        address to listen on (127.0.0.1); another than loopback needs tokens
  --https               TLS with a certificate of its own, so that browsers grant pages a fine clock
  --data DIR            database, weights, logs (.lutra)
  --datasets DIR        folder of data sets that callers with a token may name (again for more)
  --trainers N          training processes (one for each core)
  --device D            name[:runtime][:dtype][:threads] of this machine as a device (local); may be given again
  --runtime NAME        of devices that name none: onnxruntime, tfjs-node, tfjs-wasm, or fake, a made-up device
  --threads N           of devices that name none (1)
  --dtype TYPE          of devices that name none: float32 or int8 (float32)
  --runtime-options J   JSON for the runtime, of all devices
  --json                print one JSON line instead of text when ready
`;

/** Said over IPC, and with --json on standard output, once the api listens. */
export interface ServeReady {
  readonly type: 'ready';
  readonly url: string;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly devices: readonly LocalDevice[];
  readonly processes: readonly { readonly name: string; readonly pid: number | undefined }[];
}

const { values } = parseArgs({
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
});

if (values.help) process.stdout.write(HELP);
else await run();

async function run(): Promise<void> {
  const logger = pino({ name: 'serve' }, pino.destination({ dest: 2, sync: true }));
  let stopAsked = false;
  let served: Served | undefined;
  const stop = (): void => {
    // Asked a second time, someone is in a hurry.
    if (stopAsked) served?.kill();
    else served?.stop().then(leave, fail);
    stopAsked = true;
  };
  const fail = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`lutra serve: ${message}\n`);
    process.send?.({ type: 'failed', message });
    process.exitCode = 1;
    leave();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  exitWithParent(stop);
  try {
    const options = readOptions();
    served = await serve({ ...options, logger });
    if (stopAsked) {
      await served.stop();
      return leave();
    }
    announce(served, options.devices);
  } catch (error) {
    fail(error);
  }
}

function leave(): void {
  if (process.connected) process.disconnect();
}

function readOptions(): Omit<ServeOptions, 'logger'> {
  const { port, host, data, datasets, trainers } = values;
  return {
    port: readCount('--port', port, 65_535),
    host,
    https: values.https,
    dataDirectory: data,
    ...(datasets === undefined ? {} : { datasetFolders: datasets.map((folder) => resolve(folder)) }),
    ...(trainers === undefined ? {} : { trainers: readCount('--trainers', trainers, 1024) }),
    devices: readDevices(),
  };
}

function readDevices(): readonly LocalDevice[] {
  const { device, runtime, dtype } = values;
  if (dtype !== 'float32' && dtype !== 'int8') throw usage(`--dtype: float32 or int8, not '${dtype}'`);
  const threads = readCount('--threads', values.threads, 256);
  if (threads === 0) throw usage('--threads: expected 1 or more');
  const runtimeOptions = readRuntimeOptions(values['runtime-options']);
  const defaults: LocalDeviceDefaults = {
    runtime,
    threads,
    dtype,
    ...(runtimeOptions === undefined ? {} : { runtimeOptions }),
  };
  const devices = device.map((text) => parseLocalDevice(text, defaults));
  const twice = devices.find(({ name }, i) => devices.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) throw usage(`--device: two are named '${twice.name}'`);
  return devices;
}

function readCount(flag: string, text: string, most: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= most) return count;
  throw usage(`${flag}: expected a number from 0 to ${most}, got '${text}'`);
}

function readRuntimeOptions(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw usage(`--runtime-options: expected a JSON object, got '${text}'`);
}

function usage(message: string): LutraError {
  return new LutraError('invalid-request', message);
}

function announce(served: Served, devices: readonly LocalDevice[]): void {
  const ready: ServeReady = {
    type: 'ready',
    url: served.url,
    dataDirectory: served.dataDirectory,
    logDirectory: served.logDirectory,
    devices,
    processes: served.processes.map(({ name, pid }) => ({ name, pid: pid() })),
  };
  process.send?.(ready);
  if (values.json) {
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    return;
  }
  const rows = ready.processes.map(({ name, pid }) => `  ${name.padEnd(16)} pid ${pid}`);
  process.stdout.write(
    [
      `Lutra listens on ${ready.url} (${isLoopback(values.host) ? 'this machine only' : 'other machines too, with a token'})`,
      `  docs             ${ready.url}/docs`,
      ...devices.map((device) => `  device           ${describeDevice(device)}`),
      `  data             ${ready.dataDirectory}`,
      `  logs             ${ready.logDirectory}`,
      ...rows,
      'Ctrl-C stops everything.\n',
    ].join('\n'),
  );
}

function describeDevice({ name, runtime, dtype, threads }: LocalDevice): string {
  return `${name} (${runtime}, ${dtype}, ${threads === 1 ? '1 thread' : `${threads} threads`})`;
}
