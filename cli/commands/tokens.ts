import { type Command, Option } from 'commander';
import type { TokenView } from '../../contracts/maintenance.js';
import type { Scope } from '../../contracts/scope.js';
import type { CommandHost } from '../command-host.js';
import { withDataOptions } from '../common-options.js';
import type { CommandContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { durationValue } from '../input/duration-value.js';
import { maintain } from '../maintenance.js';
import { tokenTable } from '../views/token-text.js';

interface DataOptions {
  readonly data?: string;
  readonly json?: boolean;
}

interface CreateOptions extends DataOptions {
  readonly name: string;
  readonly scope: Scope;
  readonly device?: string;
  readonly expires?: number;
  readonly out?: string;
}

export function tokensCommand(program: Command, host: CommandHost): void {
  const tokens = program
    .command('tokens')
    .summary('make, list and revoke tokens of the api')
    .enablePositionalOptions();
  tokens.description(
    'Tokens say who may do what: read, submit (also measure and adapt), device (take work), admin (everything). They are kept in the data folder, which these commands open directly. From the first one on (device tokens aside) every request needs one, and the service may listen beyond this machine. Without a subcommand: the list.',
  );
  withDataOptions(tokens.command('create').description('Makes a token and prints it, this once'), [
    'lutra tokens create --name me --scope admin',
    'export LUTRA_TOKEN=$(lutra tokens create --name ci --scope submit --expires 90d)',
    'lutra tokens create --name board-1 --scope device --device board-1',
  ])
    .requiredOption('--name <name>', 'who or what it is for; jobs show it as who submitted them')
    .addOption(
      new Option('--scope <scope>', 'what it allows')
        .choices(['read', 'submit', 'device', 'admin'])
        .makeOptionMandatory(),
    )
    .option('--device <device>', 'with --scope device: the one device that it may act for')
    .option('--expires <time>', 'when it ends, e.g. 90d, 12h (default: never)', durationValue)
    .option('--out <file>', 'write it to a file that only you can read; a valid one there is kept')
    .action((options: CreateOptions) => host.run(options, (context) => createToken(context, options)));
  withDataOptions(tokens.command('list', { isDefault: true }).description('All tokens, by age'), [
    'lutra tokens',
    'lutra tokens list --json',
  ]).action((options: DataOptions) => host.run(options, (context) => listTokens(context, options)));
  withDataOptions(
    tokens
      .command('revoke')
      .description('Ends a token, and the browser sessions that came from it')
      .argument('<id>', 'as listed'),
    ['lutra tokens revoke 3f9k2m8q1z'],
  ).action((id: string, options: DataOptions) =>
    host.run(options, (context) => revokeToken(context, id, options)),
  );
}

async function createToken(context: CommandContext, options: CreateOptions): Promise<ExitCode> {
  const { name, scope, device = null, expires, out = null, data } = options;
  const created = await maintain<'create-token'>(context, data, {
    command: 'create-token',
    name,
    scope,
    device,
    expiresAtMs: expires === undefined ? null : Date.now() + expires,
    outFile: out,
  });
  context.output.result(created, () => created.text ?? `${out}`);
  if (created.text !== null)
    context.output.note('Keep it: it is shown this once. Pass it on as LUTRA_TOKEN.');
  return EXIT.ok;
}

async function listTokens(context: CommandContext, { data }: DataOptions): Promise<ExitCode> {
  const tokens = await maintain<'list-tokens'>(context, data, { command: 'list-tokens' });
  context.output.result({ tokens }, () => tokenTable(tokens, Date.now()));
  return EXIT.ok;
}

async function revokeToken(context: CommandContext, id: string, { data }: DataOptions): Promise<ExitCode> {
  const token: TokenView = await maintain<'revoke-token'>(context, data, { command: 'revoke-token', id });
  context.output.result(token, () => `${token.name} (${token.id}) is revoked`);
  return EXIT.ok;
}
