import type { Command } from 'commander';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasureAccepted, MeasureManyAccepted } from '../../contracts/http/measure.js';
import type { TimingTarget } from '../../contracts/measurement.js';
import { usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob, jobExitCode } from '../follow-job.js';
import { type CandidateOptions, candidateInput, withCandidateOptions } from '../input/candidate-input.js';
import { integerValue } from '../input/option-values.js';
import { jobText } from '../views/job-text.js';

interface MeasureOptions extends CommonOptions, CandidateOptions {
  readonly device?: readonly string[];
  readonly any?: string;
  readonly like?: string;
  readonly reference?: boolean;
  readonly target?: TimingTarget;
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
    .option(
      '-d, --device <name>',
      'where to measure; may be given again for a job on each (default: local)',
      collect,
    )
    .option('--any <label>', 'on whichever device with this label is free first')
    .option('--like <device>', 'on any device in this one’s environment, whichever is free first');
  withCandidateOptions(command)
    .option(
      '--reference',
      'three fresh processes, visits spread over 40 s: for figures that others are held against',
    )
    .option('--target <target>', 'steady (back to back, the default) or cold (after other work)')
    .option('--remeasure', 'measure ops again that the table has')
    .option('--priority <number>', 'higher runs first, −100 to 100', integerValue)
    .option('--idempotency-key <key>', 'the same key and request give the same job, however often sent')
    .option('--no-wait', 'print the job and return at once');
  withCommonOptions(command, [
    'lutra measure mobilenet-v3-small',
    'lutra measure mobilenet-v3-small --width 0.75 --resolution 96 --device local',
    'lutra measure mobilenet-v3-small --reference',
    'lutra measure mobilenet-v3-small --target cold',
    'lutra measure --network network.json --json | jq .result.latencyMs',
    'lutra measure mobilenet-v2 --no-wait      # then: lutra jobs follow JOB',
    'lutra measure mobilenet-v3-small --device phone --device board',
    'lutra measure mobilenet-v3-small --any pi4',
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
  const { reference, target, remeasure, priority, idempotencyKey } = options;
  const candidate = await candidateInput(zooName, options, surroundings.stdin);
  const accepted = await client.post<MeasureAccepted | MeasureManyAccepted>(
    '/measure',
    {
      ...targetOf(options),
      candidate,
      ...(reference === undefined ? {} : { quality: 'reference' as const }),
      ...(target === undefined ? {} : { target }),
      ...(remeasure === undefined ? {} : { remeasure }),
      ...(priority === undefined ? {} : { priority }),
    },
    idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  );
  if ('jobs' in accepted) return measureOnMany(context, accepted.jobs, options.wait);
  const { job } = accepted;
  if (!options.wait) {
    output.result(job, () => jobText(job));
    return EXIT.ok;
  }
  output.note(`Job ${job.id}`);
  const finished = await followJob(context, job.id);
  output.result(finished, () => jobText(finished));
  return jobExitCode(finished);
}

function targetOf({ device = [], any, like }: MeasureOptions): object {
  const classes = [...(any === undefined ? [] : [{ label: any }]), ...(like === undefined ? [] : [{ like }])];
  if (classes.length + Math.min(device.length, 1) > 1) throw usageError('one of --device, --any and --like');
  if (classes.length === 1) return { anyDevice: classes[0] };
  return device.length > 1 ? { devices: device } : { device: device[0] ?? 'local' };
}

/** The jobs run side by side; they are shown one after the other. */
async function measureOnMany(
  context: CommandContext,
  jobs: readonly JobView[],
  wait: boolean,
): Promise<ExitCode> {
  const { output } = context;
  const shown: JobView[] = [];
  for (const job of jobs) {
    output.note(`Job ${job.id} on ${job.device}`);
    shown.push(wait ? await followJob(context, job.id) : job);
  }
  output.result({ jobs: shown }, () => shown.map((job) => jobText(job)).join('\n\n'));
  return Math.max(...shown.map(jobExitCode)) as ExitCode;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
