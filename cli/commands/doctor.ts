import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { DoctorReport } from '../../contracts/doctor.js';
import { CliError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { doctorText } from '../views/doctor-text.js';

const ENTRY = fileURLToPath(new URL('../../services/doctor/main.js', import.meta.url));

const NOTES = `
Examples:
  lutra doctor
  lutra doctor --json | jq -r '.machine[] | select(.state == "warn") | .mend'

Exit codes:
  0    at least one engine works, and nothing that Lutra needs is missing
  1    no engine works, or something that Lutra needs is missing
  2    the command line is wrong`;

interface DoctorOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function doctorCommand(program: Command, host: CommandHost): void {
  program
    .command('doctor')
    .summary('what works on this machine, and what would make figures better')
    .description(
      'Tries every engine in a process of its own, looks at what this machine adds to measurements, and says how to mend what is missing. Takes about fifteen seconds; needs no server.',
    )
    .option('--data <folder>', 'where lutra serve keeps its data (LUTRA_DATA, else .lutra)')
    .option('--json', 'the report as JSON')
    .addHelpText('after', NOTES)
    .action((options: DoctorOptions) => host.run(options, (context) => doctor(context, options)));
}

async function doctor({ output, signal }: CommandContext, { data }: DoctorOptions): Promise<ExitCode> {
  if (!existsSync(ENTRY))
    throw new CliError('Lutra is not built', { exitCode: EXIT.failed, hint: 'npm run build' });
  const report = await examine(data === undefined ? [] : ['--data', data], signal);
  output.result(report, () => doctorText(report));
  const works = report.engines.some(({ state }) => state === 'pass');
  const lacks = [...report.machine, ...report.installation].some(({ state }) => state === 'fail');
  return works && !lacks ? EXIT.ok : EXIT.failed;
}

async function examine(args: readonly string[], signal: AbortSignal): Promise<DoctorReport> {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.throwIfAborted();
  if (code !== 0) throw new CliError('the examination ended early', { exitCode: EXIT.failed });
  return JSON.parse(text) as DoctorReport;
}
