import type { Command } from 'commander';
import type { InspectView } from '../../contracts/http/inspect.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type CandidateOptions, candidateInput, withCandidateOptions } from '../input/candidate-input.js';
import { inspectText } from '../views/inspect-text.js';

interface InspectOptions extends CommonOptions, CandidateOptions {
  readonly layers?: boolean;
}

export function inspectCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('inspect')
    .summary('what a network is: ops, MACs, parameters, memory, width groups')
    .description('Computes from the graph alone what a network consists of. Nothing is measured or stored.')
    .argument('[zoo-name]', 'name of a zoo network');
  withCandidateOptions(command).option('--layers', 'list every layer too');
  withCommonOptions(command, [
    'lutra inspect mobilenet-v3-small --width 0.75',
    'lutra inspect --network network.json --layers',
    'lutra inspect mobilenet-v2 --json | jq .macs',
  ]).action((zooName: string | undefined, options: InspectOptions) =>
    host.run(options, (context) => inspect(context, zooName, options)),
  );
}

async function inspect(
  { client, output, surroundings }: CommandContext,
  zooName: string | undefined,
  options: InspectOptions,
): Promise<ExitCode> {
  const candidate = await candidateInput(zooName, options, surroundings.stdin);
  const view = await client.post<InspectView>('/inspect', { candidate });
  output.result(view, () => inspectText(view, options.layers === true));
  return EXIT.ok;
}
