import type { Command } from 'commander';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasureAccepted } from '../../contracts/http/measure.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob, jobExitCode } from '../follow-job.js';
import { type CandidateOptions, zooOptionsOf } from '../input/candidate-input.js';
import { candidateWord } from '../input/candidate-word.js';
import { collectOption, integerValue, numberValue } from '../input/option-values.js';
import { jobText } from '../views/job-text.js';

interface CompareOptions extends CommonOptions, Omit<CandidateOptions, 'network'> {
  readonly device: string;
  readonly reference?: boolean;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly wait: boolean;
}

export function compareCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('compare')
    .summary('which of two networks is faster on a device')
    .description(
      'Measures two networks in one session, visited as A, B, B, A in three fresh processes, and says whether B is the same, faster or slower than A, or that it cannot be told. Differences below the device’s noise floor are no differences.',
    )
    .argument(
      '<a>',
      'a zoo name, with its own options as in mobilenet-v2:width=0.5,resolution=96, or a .json file',
    )
    .argument('<b>', 'the same')
    .option('-d, --device <name>', 'where to measure', 'local')
    .option('--width <factor>', 'width multiplier of both', numberValue)
    .option('--resolution <pixels>', 'side of the input image of both', integerValue)
    .option('--input-channels <count>', 'channels of the input image of both', integerValue)
    .option('--classes <count>', 'classes of the last layer of both', integerValue)
    .option('-o, --option <name=value>', 'any other zoo option of both, repeatable', collectOption)
    .option('--reference', 'rounds spread over 40 s, through the states of a shared machine')
    .option('--priority <number>', 'higher runs first, −100 to 100', integerValue)
    .option('--idempotency-key <key>', 'the same key and request give the same job, however often sent')
    .option('--no-wait', 'print the job and return at once');
  withCommonOptions(command, [
    'lutra compare mobilenet-v2 mobilenet-v3-small --resolution 96',
    'lutra compare mobilenet-v3-small:width=0.75 mobilenet-v3-small:width=0.7',
    'lutra compare before.json after.json && echo "not slower"',
  ]).action((a: string, b: string, options: CompareOptions) =>
    host.run(options, (context) => compare(context, [a, b], options)),
  );
}

async function compare(
  context: CommandContext,
  [a, b]: readonly [string, string],
  options: CompareOptions,
): Promise<ExitCode> {
  const { client, output, surroundings } = context;
  const { device, reference, priority, idempotencyKey } = options;
  const shared = zooOptionsOf(options);
  const body = {
    device,
    a: await candidateWord(a, shared, surroundings.stdin),
    b: await candidateWord(b, shared, surroundings.stdin),
    ...(reference === undefined ? {} : { quality: 'reference' as const }),
    ...(priority === undefined ? {} : { priority }),
  };
  const { job } = await client.post<MeasureAccepted>(
    '/comparisons',
    body,
    idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  );
  if (!options.wait) {
    output.result(job, () => jobText(job));
    return EXIT.ok;
  }
  output.note(`Job ${job.id}`);
  const finished = await followJob(context, job.id);
  output.result(finished, () => jobText(finished));
  return comparisonExitCode(finished);
}

function comparisonExitCode(job: JobView): ExitCode {
  const failed = jobExitCode(job);
  if (failed !== EXIT.ok) return failed;
  const answer = job.result?.kind === 'measure' ? job.result.comparison?.answer : undefined;
  return answer === 'slower' ? EXIT.slower : answer === 'ambiguous' ? EXIT.ambiguous : EXIT.ok;
}
