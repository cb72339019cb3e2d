import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { LutraError } from '../../core/errors.js';
import { exitWithParent } from './exit-with-parent.js';
import { type Served, type ServeOptions, serve } from './serve.js';

const HELP = `node dist/services/serve/main.js [options]

Starts the api, a worker of the local device, trainers and the orchestrator of adaptations.

  --port N              port of the api (8787; 0 = any free one)
  --host ADDRESS        loopback address to listen on (127.0.0.1)
  --data DIR            database, weights, logs (.lutra)
  --trainers N          training processes (one for each core)
  --device NAME         name of this machine as a device (local)
  --runtime NAME        onnxruntime, or fake: a made-up device with exact latencies
  --runtime-options J   JSON for the runtime
  --json                print one JSON line instead of text when ready
`;

/** Said over IPC, and with --json on standard output, once the api listens. */
export interface ServeReady {
  readonly type: 'ready';
  readonly url: string;
  readonly dataDirectory: string;
  readonly logDirectory: string;
  readonly device: string;
  readonly processes: readonly { readonly name: string; readonly pid: number | undefined }[];
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: process.env.LUTRA_DATA ?? '.lutra' },
    trainers: { type: 'string' },
    device: { type: 'string', default: 'local' },
    runtime: { type: 'string', default: 'onnxruntime' },
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
    announce(served, options.device);
  } catch (error) {
    fail(error);
  }
}

function leave(): void {
  if (process.connected) process.disconnect();
}

function readOptions(): Omit<ServeOptions, 'logger'> {
  const { port, host, data, trainers, device, runtime } = values;
  if (runtime !== 'onnxruntime' && runtime !== 'fake')
    throw usage(`--runtime: onnxruntime or fake, not '${runtime}'`);
  const runtimeOptions = readRuntimeOptions(values['runtime-options']);
  return {
    port: readCount('--port', port, 65_535),
    host,
    dataDirectory: data,
    ...(trainers === undefined ? {} : { trainers: readCount('--trainers', trainers, 1024) }),
    device,
    runtime,
    ...(runtimeOptions === undefined ? {} : { runtimeOptions }),
  };
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

function announce(served: Served, device: string): void {
  const ready: ServeReady = {
    type: 'ready',
    url: served.url,
    dataDirectory: served.dataDirectory,
    logDirectory: served.logDirectory,
    device,
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
      `Lutra listens on ${ready.url} (this machine only)`,
      `  docs             ${ready.url}/docs`,
      `  device           ${device} (${values.runtime}, 1 thread)`,
      `  data             ${ready.dataDirectory}`,
      `  logs             ${ready.logDirectory}`,
      ...rows,
      'Ctrl-C stops everything.\n',
    ].join('\n'),
  );
}
