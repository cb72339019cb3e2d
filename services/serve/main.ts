import { pino } from 'pino';
import { exitWithParent } from './exit-with-parent.js';
import { isLoopback } from './is-loopback.js';
import type { LocalDevice } from './local-device.js';
import { type Served, type ServeOptions, serve } from './serve.js';
import { readServeOptions } from './serve-options.js';
import { isUsageError, USAGE_EXIT_CODE } from './usage-error.js';

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

await run();

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
    process.exitCode = isUsageError(error) ? USAGE_EXIT_CODE : 1;
    leave();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  exitWithParent(stop);
  try {
    const { help, json, options } = readServeOptions(process.argv.slice(2));
    if (help) {
      process.stdout.write(HELP);
      return leave();
    }
    served = await serve({ ...options, logger });
    if (stopAsked) {
      await served.stop();
      return leave();
    }
    announce(served, options, json);
  } catch (error) {
    fail(error);
  }
}

function leave(): void {
  if (process.connected) process.disconnect();
}

function announce(
  served: Served,
  { devices, host }: Pick<ServeOptions, 'devices' | 'host'>,
  json: boolean,
): void {
  const ready: ServeReady = {
    type: 'ready',
    url: served.url,
    dataDirectory: served.dataDirectory,
    logDirectory: served.logDirectory,
    devices,
    processes: served.processes.map(({ name, pid }) => ({ name, pid: pid() })),
  };
  process.send?.(ready);
  if (json) {
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    return;
  }
  const rows = ready.processes.map(({ name, pid }) => `  ${name.padEnd(16)} pid ${pid}`);
  process.stdout.write(
    [
      `Lutra listens on ${ready.url} (${isLoopback(host) ? 'this machine only' : 'other machines too, with a token'})`,
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
