import { CliError } from './cli-error.js';
import { type CommandContext, type CommonOptions, commandContext, type Surroundings } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** Runs what a command does, and turns however it ends into an exit code and a message. */
export class CommandHost {
  exitCode: ExitCode = EXIT.ok;

  constructor(readonly surroundings: Surroundings) {}

  async run(options: CommonOptions, work: (context: CommandContext) => Promise<ExitCode>): Promise<void> {
    let context: CommandContext | undefined;
    try {
      context = commandContext(this.surroundings, options);
      this.exitCode = await work(context);
    } catch (error) {
      context?.progress.finish();
      const ended = this.surroundings.signal.aborted && !(error instanceof CliError) ? interruption() : error;
      if (!(ended instanceof CliError)) throw ended;
      this.exitCode = ended.exitCode;
      this.tell(ended, options.json === true);
    } finally {
      context?.progress.finish();
    }
  }

  private tell(error: CliError, json: boolean): void {
    const { stdout, stderr } = this.surroundings;
    if (json) stdout.write(`${JSON.stringify({ error: errorDocument(error) }, null, 2)}\n`);
    const { problem } = error;
    const lines = [`lutra: ${error.message}`];
    if (problem !== undefined) {
      lines.push(
        `  code ${problem.code}${problem.pointer === undefined ? '' : `, at ${problem.in ?? 'body'} ${problem.pointer}`}`,
      );
      if (problem.details !== undefined) lines.push(`  ${JSON.stringify(problem.details)}`);
    }
    if (error.hint !== undefined) lines.push(`  ${error.hint}`);
    stderr.write(`${lines.join('\n')}\n`);
  }
}

function interruption(): CliError {
  return new CliError('interrupted', { exitCode: EXIT.interrupted });
}

/** For `--json`: the server's problem as it came, or the same shape for what went wrong on this side. */
function errorDocument(error: CliError): object {
  if (error.problem !== undefined) return error.problem;
  const codes: Readonly<Partial<Record<ExitCode, string>>> = {
    [EXIT.usage]: 'usage',
    [EXIT.unreachable]: 'unreachable',
    [EXIT.interrupted]: 'interrupted',
  };
  return {
    code: codes[error.exitCode] ?? 'failed',
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}
