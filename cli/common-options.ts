import type { Command } from 'commander';
import { EXIT_CODE_HELP } from './exit-codes.js';
import { DEFAULT_URL } from './settings.js';

/** What every command that asks the server understands, with its examples and the exit codes in its help. */
export function withCommonOptions(command: Command, examples: readonly string[]): Command {
  return command
    .option('--json', 'print one JSON document and nothing else on standard output')
    .option('--url <address>', `address of the server (LUTRA_URL, else ${DEFAULT_URL})`)
    .option('--token <token>', 'bearer token (LUTRA_TOKEN)')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n${EXIT_CODE_HELP}`,
    );
}
