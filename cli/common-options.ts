import type { Command } from 'commander';
import { EXIT_CODE_HELP } from './exit-codes.js';
import { DEFAULT_URL } from './settings.js';

/** What every command that asks the server understands, with its examples and the exit codes in its help. */
export function withCommonOptions(command: Command, examples: readonly string[]): Command {
  return command
    .option('--json', 'print one JSON document and nothing else on standard output')
    .option('--url <address>', `address of the server (LUTRA_URL, else ${DEFAULT_URL})`)
    .option('--token <token>', 'bearer token (LUTRA_TOKEN)')
    .option('--ca <file>', 'certificate of the server, where it signed its own (LUTRA_CA)')
    .addHelpText('after', helpText(examples));
}

/** What every command that works on a data folder itself understands. */
export function withDataOptions(command: Command, examples: readonly string[]): Command {
  return command
    .option('--data <folder>', 'data folder of lutra serve (LUTRA_DATA, else .lutra)')
    .option('--json', 'print one JSON document and nothing else on standard output')
    .addHelpText('after', helpText(examples));
}

function helpText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n${EXIT_CODE_HELP}`;
}
