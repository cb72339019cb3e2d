import type { Command } from 'commander';
import type { ZooList, ZooNetworkView } from '../../contracts/http/zoo-view.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { terminalTable } from '../text/terminal-table.js';

export function zooCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('zoo')
    .summary('the networks that can be asked for by name')
    .description('Lists the zoo’s networks, or one of them with its options.')
    .argument('[name]', 'one network');
  withCommonOptions(command, ['lutra zoo', 'lutra zoo mobilenet-v3-small']).action(
    (name: string | undefined, options: CommonOptions) => host.run(options, (context) => zoo(context, name)),
  );
}

async function zoo({ client, output }: CommandContext, name: string | undefined): Promise<ExitCode> {
  if (name === undefined) {
    const list = await client.get<ZooList>('/zoo');
    output.result(list, () => zooText(list));
  } else {
    const network = await client.get<ZooNetworkView>(`/zoo/${encodeURIComponent(name)}`);
    output.result(network, () => networkText(network));
  }
  return EXIT.ok;
}

function zooText({ networks }: ZooList): string {
  return terminalTable(
    [{ title: 'name' }, { title: 'options' }, { title: '' }],
    networks.map((network) => [network.name, Object.keys(network.options).join(' '), network.description]),
  );
}

function networkText(network: ZooNetworkView): string {
  const options = terminalTable(
    [
      { title: 'option' },
      { title: 'default', numeric: true },
      { title: 'from', numeric: true },
      { title: 'to', numeric: true },
      { title: '' },
    ],
    Object.entries(network.options).map(([name, option]) => [
      name,
      String(option.default),
      String(option.minimum),
      String(option.maximum),
      option.description,
    ]),
  );
  return `${network.name}\n${network.description}\n\n${options}`;
}
