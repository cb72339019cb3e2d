import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import type { CommandContext } from '../context.js';
import { EXIT, EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { integerValue } from '../input/option-values.js';
import { SERVE_ENTRY } from '../serve-entry.js';

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data?: string;
  readonly trainers?: number;
}

const EXAMPLES = `
Examples:
  lutra serve
  lutra serve --port 9000 --data ./measurements
  lutra serve --trainers 1            leaves the other cores alone
${EXIT_CODE_HELP}`;

export function serveCommand(program: Command, host: CommandHost): void {
  program
    .command('serve')
    .summary('start the service on this machine')
    .description(
      'Starts api, orchestrator, a worker that measures and trainers, each a process, and restarts what dies. Ctrl-C stops them all. Data stay in the data folder; whatever was under way goes on at the next start.',
    )
    .option('-p, --port <number>', 'where the api listens; 0 takes a free one', integerValue, 8787)
    .option('--host <address>', 'a loopback address', '127.0.0.1')
    .option('--data <folder>', 'where everything is kept (LUTRA_DATA, else .lutra/data)')
    .option('--trainers <count>', 'training processes (default: one for each core)', integerValue)
    .addHelpText('after', EXAMPLES)
    .action((options: ServeOptions) => host.run({}, (context) => serve(context, options)));
}

async function serve(context: CommandContext, options: ServeOptions): Promise<ExitCode> {
  const { env } = context.surroundings;
  const data = options.data ?? env.LUTRA_DATA ?? '.lutra/data';
  if (!existsSync(SERVE_ENTRY)) {
    throw new CliError('the service is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
  }
  const args = ['--port', String(options.port), '--host', options.host, '--data', data];
  if (options.trainers !== undefined) args.push('--trainers', String(options.trainers));
  // A group of its own, so that Ctrl-C reaches it once, from here.
  const child = spawn(process.execPath, [SERVE_ENTRY, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const stop = () => child.kill('SIGTERM');
  context.signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  context.signal.removeEventListener('abort', stop);
  if (context.signal.aborted) return EXIT.ok;
  return code === 0 ? EXIT.ok : code === EXIT.usage ? EXIT.usage : EXIT.failed;
}
