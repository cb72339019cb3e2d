import type { Command } from 'commander';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { integerValue } from '../input/option-values.js';
import { latencyTableText } from '../views/latency-table-text.js';
import { tableBuildCommand } from './table-build.js';

interface TableOptions extends CommonOptions {
  readonly device: string;
  readonly kind?: string;
  readonly prefix?: string;
  readonly limit?: number;
  readonly after?: string;
  readonly csv?: boolean;
  readonly ndjson?: boolean;
}

/** What fits a screen or two; scripts ask for what they want. */
const SHOWN_ROWS = 100;

export function tableCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('table')
    .summary('a device’s latency table')
    .description(
      'Prints a device’s latency table with its calibration and fidelity. CSV and NDJSON stream all of it.',
    )
    .option('-d, --device <name>', 'whose table', 'local')
    .option('--kind <kind>', 'only this kind of op: conv2d, depthwise, dense, …')
    .option('--prefix <text>', 'only op keys that begin so')
    .option('--limit <count>', `at most so many entries (as text ${SHOWN_ROWS})`, integerValue)
    .option('--after <key>', 'entries after this op key')
    .option('--csv', 'as comma-separated values')
    .option('--ndjson', 'one JSON document a line');
  withCommonOptions(command, [
    'lutra table',
    'lutra table --device local --kind depthwise --limit 20',
    'lutra table --csv > table.csv',
    'lutra table --ndjson | jq -r "[.key, .latencyMs] | @tsv"',
  ]).action((options: TableOptions) => host.run(options, (context) => table(context, options)));
  tableBuildCommand(command, host);
}

async function table(context: CommandContext, options: TableOptions): Promise<ExitCode> {
  const { client, output } = context;
  const formats = [options.csv, options.ndjson, options.json].filter((given) => given === true);
  if (formats.length > 1) throw usageError('choose one of --json, --csv and --ndjson');
  const { device, kind, prefix: keyPrefix, after } = options;
  if (options.csv === true || options.ndjson === true) {
    const format = options.csv === true ? 'csv' : 'ndjson';
    const response = await client.request('GET', '/latency-table', {
      query: { device, kind, keyPrefix, after, limit: options.limit, format },
      headers: { accept: format === 'csv' ? 'text/csv' : 'application/x-ndjson' },
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) output.raw(decoder.decode(chunk, { stream: true }));
    return EXIT.ok;
  }
  const limit = options.limit ?? (output.json ? undefined : SHOWN_ROWS);
  const view = await client.get<LatencyTableView>('/latency-table', {
    device,
    kind,
    keyPrefix,
    after,
    limit,
  });
  output.result(view, () => latencyTableText(view));
  return EXIT.ok;
}
