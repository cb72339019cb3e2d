import type { Command } from 'commander';
import type { Candidate } from '../../contracts/candidate.js';
import { type EstimateAnswer, MOST_ESTIMATES_WITH_OPS } from '../../contracts/http/estimate.js';
import { usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { asCandidate } from '../input/candidate-input.js';
import { collectOption, integerValue, numberList } from '../input/option-values.js';
import { readDocuments } from '../input/read-document.js';
import { estimateText } from '../views/estimate-text.js';

interface EstimateOptions extends CommonOptions {
  readonly device: readonly string[];
  readonly width?: readonly number[];
  readonly resolution?: readonly number[];
  readonly inputChannels?: number;
  readonly classes?: number;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly candidates?: string;
  readonly ops?: boolean;
  readonly strict?: boolean;
  readonly target?: string;
}

export function estimateCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('estimate')
    .summary('latency of many variants from the table, without measuring')
    .description(
      'Estimates latency with an interval from the devices’ tables. Nothing is measured; an op that a table lacks is reported, never counted as 0.',
    )
    .argument('[zoo-names...]', 'names of zoo networks')
    .option('-d, --device <name...>', 'one or several devices', ['local'])
    .option(
      '--width <factors>',
      'width multipliers, comma between: every combination is estimated',
      numberList,
    )
    .option('--resolution <pixels>', 'sides of the input image, comma between', numberList)
    .option('--input-channels <count>', 'channels of the input image', integerValue)
    .option('--classes <count>', 'classes of the last layer', integerValue)
    .option('-o, --option <name=value>', 'any other option of the zoo networks, repeatable', collectOption)
    .option(
      '--candidates <file>',
      'candidates or network documents: a JSON array or one a line; - reads standard input',
    )
    .option('--target <target>', 'steady (back to back) or cold (after other work)')
    .option('--ops', 'show the ops of each candidate; --json has those of up to 2,000 estimates without it')
    .option('--strict', 'refuse when a table lacks an op');
  withCommonOptions(command, [
    'lutra estimate mobilenet-v3-small --width 0.5,0.75,1 --resolution 96,128',
    'lutra estimate mobilenet-v3-small --ops',
    'lutra estimate --candidates variants.ndjson --device board browser --json',
  ]).action((zooNames: readonly string[], options: EstimateOptions) =>
    host.run(options, (context) => estimate(context, zooNames, options)),
  );
}

async function estimate(
  context: CommandContext,
  zooNames: readonly string[],
  options: EstimateOptions,
): Promise<ExitCode> {
  const { client, output, surroundings } = context;
  const candidates: Candidate[] = zooNames.flatMap((zoo) => variants(zoo, options));
  if (options.candidates !== undefined) {
    const documents = await readDocuments(options.candidates, surroundings.stdin);
    candidates.push(...documents.map(asCandidate));
  }
  if (candidates.length === 0) {
    throw usageError('nothing to estimate: give zoo names or --candidates FILE', 'lutra zoo lists the names');
  }
  const count = candidates.length * options.device.length;
  const answer = await client.post<EstimateAnswer>('/estimate', {
    devices: options.device,
    candidates,
    strict: options.strict === true,
    ...(options.target === undefined ? {} : { target: options.target }),
    ops: options.ops === true || (output.json && count <= MOST_ESTIMATES_WITH_OPS),
  });
  output.result(answer, () => estimateText(answer, candidates, options.ops === true));
  return EXIT.ok;
}

/** Every combination of the widths and resolutions that were named. */
function variants(zoo: string, options: EstimateOptions): readonly Candidate[] {
  const { inputChannels, classes, option } = options;
  const widths = options.width ?? [undefined];
  const resolutions = options.resolution ?? [undefined];
  return widths.flatMap((width) =>
    resolutions.map((resolution) => {
      const given = Object.entries({ width, resolution, inputChannels, classes, ...option });
      const zooOptions = Object.fromEntries(given.filter(([, value]) => value !== undefined));
      return Object.keys(zooOptions).length === 0 ? { zoo } : { zoo, options: zooOptions };
    }),
  );
}
