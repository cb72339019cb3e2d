import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { childExitCode } from '../child-exit-code.js';
import { CliError, usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import type { CommandContext } from '../context.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { integerValue } from '../input/option-values.js';
import { WORKER_ENTRY } from '../worker-entry.js';

interface WorkerOptions {
  readonly url?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly role: string;
  readonly device?: string;
  readonly runtime?: string;
  readonly threads?: number;
  readonly dtype?: string;
  readonly runtimeOptions?: string;
  readonly label?: readonly string[];
  readonly cpu?: string;
  readonly dataset?: readonly string[];
}

const EXAMPLES = `
Examples:
  lutra worker --server http://lab:8787 --token lutra_… --device pi4 --cpu 3
  lutra worker --server http://lab:8787 --device pi4-two --threads 2 --cpu 2-3 --label pi4
  lutra worker --server https://lab:8787 --ca certificate.pem --device pi4    (lutra serve --https)
  lutra worker --server http://lab:8787 --role train --dataset mnist --dataset /data/fashion

The server needs to reach nothing here: the worker asks it for work. Without --cpu the system chooses the cores, and
figures are usable at best.
${EXIT_CODE_HELP}`;

export function workerCommand(program: Command, host: CommandHost): void {
  program
    .command('worker')
    .summary('make this machine a device, or a trainer, of a server elsewhere')
    .description(
      'Registers this machine as a device of the server if the token may, says what it is, and measures what the server asks for, until Ctrl-C. With --role train it fine-tunes instead.',
    )
    .option('--server <address>', 'the server (LUTRA_URL)')
    .option('--token <token>', 'of scope device (LUTRA_TOKEN)')
    .option('--ca <file>', 'certificate of the server, where it signed its own (LUTRA_CA)')
    .option('--role <role>', 'measure or train', 'measure')
    .option('-d, --device <name>', 'name of this machine as a device (default: its host name)')
    .option('--runtime <name>', 'onnxruntime (default), tfjs-node, tfjs-wasm or fake')
    .option('--threads <count>', 'threads of the runtime (default: 1)', integerValue)
    .option('--dtype <type>', 'float32 (default) or int8')
    .option('--runtime-options <json>', 'options of the runtime')
    .option('--label <name>', 'class of devices that it belongs to; may be given again', collect)
    .option('--cpu <list>', 'cores to measure on, one a thread, e.g. 3 or 0-3 (default: the system chooses)')
    .option('--dataset <name>', 'to train on: mnist (default) or a directory; may be given again', collect)
    .addHelpText('after', EXAMPLES)
    .action(({ server, ...options }: WorkerOptions & { readonly server?: string }) =>
      host.run({ ...options, ...(server === undefined ? {} : { url: server }) }, (context) =>
        work(context, options),
      ),
    );
}

async function work({ client, output, signal }: CommandContext, options: WorkerOptions): Promise<ExitCode> {
  const { role } = options;
  if (role !== 'measure' && role !== 'train') throw usageError(`--role: measure or train, not '${role}'`);
  if (!existsSync(WORKER_ENTRY)) {
    throw new CliError('the worker is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
  }
  const { url, token, caFile } = client.settings;
  const device = options.device ?? hostname().toLowerCase();
  output.note(
    role === 'train'
      ? `Trains for ${url}; Ctrl-C stops.`
      : `Measures for ${url} as device ${device}; Ctrl-C stops.`,
  );
  const child = spawn(process.execPath, [WORKER_ENTRY, ...workerArguments({ ...options, device }, url)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Among the arguments every user of the machine could read the token.
    env: {
      ...process.env,
      ...(token === undefined ? {} : { LUTRA_TOKEN: token }),
      // Node reads it when it starts, and trusts whom it trusts anyway.
      ...(caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile }),
    },
    detached: true,
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return childExitCode(code, signal.aborted);
}

function workerArguments(options: WorkerOptions, server: string): readonly string[] {
  const { role, device, runtime, threads, dtype, runtimeOptions, cpu, label = [], dataset = [] } = options;
  const single = { server, role, device, runtime, threads, dtype, cpu, 'runtime-options': runtimeOptions };
  return [
    ...Object.entries(single).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
    ...label.map((name) => `--label=${name}`),
    ...dataset.map((name) => `--dataset=${name}`),
  ];
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
