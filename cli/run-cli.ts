import { CommanderError } from 'commander';
import { CommandHost } from './command-host.js';
import type { Surroundings } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { buildProgram } from './program.js';

/**
 * The whole command: arguments in, exit code out.
 * @param args without the interpreter and the script
 */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const host = new CommandHost(surroundings);
  try {
    await buildProgram(host).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version were asked for; everything else that commander stops at is a wrong command line.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return host.exitCode;
}
