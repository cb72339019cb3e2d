import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { childExitCode } from '../child-exit-code.js';
import { CliError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import type { CommandContext } from '../context.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { SERVE_ENTRY } from '../serve-entry.js';

interface ServeOptions {
  readonly port: string;
  readonly host: string;
  readonly data?: string;
  readonly datasets?: readonly string[];
  readonly trainers?: string;
  readonly device?: readonly string[];
  readonly runtime?: string;
  readonly threads?: string;
  readonly dtype?: string;
  readonly runtimeOptions?: string;
  readonly https?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  lutra serve
  lutra serve --port 9000 --data ./measurements
  lutra serve --trainers 1            leaves the other cores alone
  lutra serve --host 0.0.0.0          for other machines too, once there is a token (lutra tokens)
  lutra serve --runtime fake          a made-up device with exact latencies, to try things out
  lutra serve --device local --device q8:onnxruntime:int8 --device wasm:tfjs-wasm --device two:2
                                      this machine as four devices, which take turns on its cores
${EXIT_CODE_HELP}`;

export function serveCommand(program: Command, host: CommandHost): void {
  program
    .command('serve')
    .summary('start the service on this machine')
    .description(
      'Starts api, orchestrator, a worker for each device and trainers, each a process, and restarts what dies. Ctrl-C stops them all. Data stay in the data folder; whatever was under way goes on at the next start.',
    )
    .option('-p, --port <number>', 'where the api listens; 0 takes a free one', '8787')
    .option('--host <address>', 'where it listens; another than loopback needs lutra tokens', '127.0.0.1')
    .option(
      '--https',
      'TLS with a certificate of its own: browsers on other machines measure with a finer clock',
    )
    .option('--data <folder>', 'where everything is kept (LUTRA_DATA, else .lutra)')
    .option(
      '--datasets <folder>',
      'folder of data sets that callers with a token may name; may be repeated',
      (folder: string, folders: readonly string[] = []) => [...folders, folder],
    )
    .option('--trainers <count>', 'training processes (default: one for each core)')
    .option(
      '-d, --device <name[:runtime][:dtype][:threads]>',
      'this machine as a device (default: local); may be given again',
      (text: string, earlier: readonly string[] = []) => [...earlier, text],
    )
    .option(
      '--runtime <name>',
      'of devices that name none: onnxruntime (default), tfjs-node, tfjs-wasm or fake',
    )
    .option('--threads <count>', 'of devices that name none (default: 1)')
    .option('--dtype <type>', 'of devices that name none: float32 (default) or int8')
    .option('--runtime-options <json>', 'options of the runtime')
    .option('--json', 'one line of JSON when ready')
    .addHelpText('after', EXAMPLES)
    .action((options: ServeOptions) => host.run(options, (context) => serve(context, options)));
}

/** The service checks its own options; this starts it, passes signals on, and waits. */
async function serve({ signal }: CommandContext, options: ServeOptions): Promise<ExitCode> {
  if (!existsSync(SERVE_ENTRY)) {
    throw new CliError('the service is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
  }
  // A group of its own: Ctrl-C reaches the service once, from here.
  const child = spawn(process.execPath, [SERVE_ENTRY, ...serviceArguments(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return childExitCode(code, signal.aborted);
}

function serviceArguments(options: ServeOptions): readonly string[] {
  const { port, host, data, datasets = [], trainers, device = [], runtime, threads, dtype } = options;
  const { runtimeOptions, json } = options;
  const given = { port, host, data, trainers, runtime, threads, dtype, 'runtime-options': runtimeOptions };
  const flags = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
  const folders = datasets.map((folder) => `--datasets=${folder}`);
  const devices = device.map((text) => `--device=${text}`);
  return [
    ...flags,
    ...folders,
    ...devices,
    ...(options.https === true ? ['--https'] : []),
    ...(json === true ? ['--json'] : []),
  ];
}
