import type { Command } from 'commander';
import type { MeasureAccepted } from '../../contracts/http/measure.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob, jobExitCode } from '../follow-job.js';
import { type CandidateOptions, candidateInput, withCandidateOptions } from '../input/candidate-input.js';
import { integerValue } from '../input/option-values.js';
import { jobText } from '../views/job-text.js';

interface MeasureOptions extends CommonOptions, CandidateOptions {
  readonly device: string;
  readonly remeasure?: boolean;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly wait: boolean;
}

export function measureCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('measure')
    .summary('how long a network takes on a device, op by op')
    .description(
      'Measures a network whole on a device, and those of its ops that the device’s table lacks. Shows progress until the job is finished.',
    )
    .argument('[zoo-name]', 'name of a zoo network (lutra zoo lists them)')
    .option('-d, --device <name>', 'where to measure', 'local');
  withCandidateOptions(command)
    .option('--remeasure', 'measure ops again that the table has')
    .option('--priority <number>', 'higher runs first, −100 to 100', integerValue)
    .option('--idempotency-key <key>', 'the same key and request give the same job, however often sent')
    .option('--no-wait', 'print the job and return at once');
  withCommonOptions(command, [
    'lutra measure mobilenet-v3-small',
    'lutra measure mobilenet-v3-small --width 0.75 --resolution 96 --device local',
    'lutra measure --network network.json --json | jq .result.latencyMs',
    'lutra measure mobilenet-v2 --no-wait      # then: lutra jobs follow JOB',
  ]).action((zooName: string | undefined, options: MeasureOptions) =>
    host.run(options, (context) => measure(context, zooName, options)),
  );
}

async function measure(
  context: CommandContext,
  zooName: string | undefined,
  options: MeasureOptions,
): Promise<ExitCode> {
  const { client, output, surroundings } = context;
  const { device, remeasure, priority, idempotencyKey } = options;
  const candidate = await candidateInput(zooName, options, surroundings.stdin);
  const { job } = await client.post<MeasureAccepted>(
    '/measure',
    {
      device,
      candidate,
      ...(remeasure === undefined ? {} : { remeasure }),
      ...(priority === undefined ? {} : { priority }),
    },
    idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  );
  if (!options.wait) {
    output.result(job, () => jobText(job));
    return EXIT.ok;
  }
  output.note(`Job ${job.id}`);
  const finished = await followJob(context, job.id);
  output.result(finished, () => jobText(finished));
  return jobExitCode(finished);
}
