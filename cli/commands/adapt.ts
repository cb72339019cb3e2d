import type { Command } from 'commander';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { AdaptationAccepted, AdaptationList } from '../../contracts/http/adaptations.js';
import { type AdaptationFlags, adaptationRequest, withAdaptationFlags } from '../adaptation-request.js';
import { usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { downloadFormat, downloadNetwork } from '../download-network.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { adaptationExitCode, adaptationPath, followAdaptation, hasEnded } from '../follow-adaptation.js';
import { integerValue } from '../input/option-values.js';
import { collectReport } from '../report/collect-report.js';
import { writeReport } from '../report/write-report.js';
import { adaptationTable, adaptationText } from '../views/adaptation-text.js';

interface EndOptions extends CommonOptions {
  readonly download?: string;
  readonly report?: string;
}

interface AdaptOptions extends AdaptationFlags, EndOptions {
  readonly wait: boolean;
}

type OneRun<O> = (context: CommandContext, id: string, options: O) => Promise<ExitCode>;

export function adaptCommand(program: Command, host: CommandHost): void {
  const adapt = program
    .command('adapt')
    .summary('shape a network to a latency budget')
    .description(
      'Shapes a network to a latency budget with NetAdapt and follows the run to its end: trains the seed, cuts width groups step by step, verifies on the device.',
    )
    .enablePositionalOptions()
    .argument('[zoo-name]', 'name of a zoo network');
  withEndOptions(withAdaptationFlags(adapt)).option('--no-wait', 'print the run and return at once');
  withCommonOptions(adapt, [
    'lutra adapt mobilenet-v3-tiny -o stemStride=2 --width 2.5 --ratio 0.6 --dataset mnist',
    'lutra adapt mobilenet-v3-tiny --budget 800us --dataset ./fashion --download small.onnx --report report',
    'lutra adapt mobilenet-v3-tiny --width 2.5 --ratio 0.6 --budget-on phone=30ms --params 60% --dataset ./fashion',
    'lutra adapt --network net.json --ratio 0.5 --dataset mnist --policy mobilenet-v3',
    'lutra adapt --request request.json --no-wait',
    'lutra adapt follow adp_01k…',
  ]).action((zooName: string | undefined, options: AdaptOptions) =>
    host.run(options, (context) => start(context, zooName, options)),
  );
  listCommand(adapt, host);
  const one = <O extends CommonOptions>(name: string, description: string, work: OneRun<O>): Command =>
    withCommonOptions(adapt.command(name).description(description).argument('<adaptation>', 'its id'), [
      `lutra adapt ${name} adp_01k…`,
    ]).action((id: string, options: O) => host.run(options, (context) => work(context, id, options)));
  withEndOptions(one<EndOptions>('show', 'A run as far as it has come', show));
  withEndOptions(one<EndOptions>('follow', 'A run’s progress to its end', watch));
  withEndOptions(one<EndOptions>('resume', 'Takes up a failed or cancelled run, and follows it', resume));
  one('cancel', 'Ends a run; what it has found stays', cancel);
}

function withEndOptions(command: Command): Command {
  return command
    .option('--download <file>', 'save the adapted network with its weights: .onnx or .json')
    .option('--report <folder>', 'write report.json and index.html there');
}

function listCommand(adapt: Command, host: CommandHost): void {
  const command = adapt
    .command('list')
    .description('Runs, the newest first')
    .option('--status <status>', 'queued, running, finished, failed or cancelled')
    .option('--limit <count>', 'at most so many', integerValue, 20);
  withCommonOptions(command, ['lutra adapt list --status running']).action(
    (options: CommonOptions & { readonly status?: string; readonly limit: number }) =>
      host.run(options, async ({ client, output }) => {
        const { status, limit } = options;
        const page = await client.get<AdaptationList>('/adaptations', { status, limit });
        output.result(page, () => adaptationTable(page.adaptations));
        return EXIT.ok;
      }),
  );
}

async function start(
  context: CommandContext,
  zooName: string | undefined,
  options: AdaptOptions,
): Promise<ExitCode> {
  const { client, output, surroundings } = context;
  // Better found now than after a run of many minutes.
  if (options.download !== undefined) downloadFormat(options.download);
  if (!options.wait && (options.download ?? options.report) !== undefined) {
    throw usageError('--download and --report come at the end of the run: not with --no-wait');
  }
  const request = await adaptationRequest(zooName, options, surroundings.stdin);
  const { adaptation } = await client.post<AdaptationAccepted>('/adaptations', request);
  if (!options.wait) {
    output.result(adaptation, () => adaptationText(adaptation));
    return EXIT.ok;
  }
  output.note(`Adaptation ${adaptation.id}`);
  return watch(context, adaptation.id, options);
}

async function watch(context: CommandContext, id: string, options: EndOptions): Promise<ExitCode> {
  return conclude(context, await followAdaptation(context, id), options);
}

async function show(context: CommandContext, id: string, options: EndOptions): Promise<ExitCode> {
  return conclude(context, await context.client.get<AdaptationView>(adaptationPath(id)), options);
}

async function resume(context: CommandContext, id: string, options: EndOptions): Promise<ExitCode> {
  await context.client.post<AdaptationAccepted>(`${adaptationPath(id)}/resume`);
  return watch(context, id, options);
}

async function cancel({ client, output }: CommandContext, id: string): Promise<ExitCode> {
  const { adaptation } = await client.post<AdaptationAccepted>(`${adaptationPath(id)}/cancel`);
  output.result(adaptation, () => adaptationText(adaptation));
  return EXIT.ok;
}

/** Prints a run, and saves what was asked for. */
async function conclude(
  context: CommandContext,
  view: AdaptationView,
  options: EndOptions,
): Promise<ExitCode> {
  const { client, output } = context;
  output.result(view, () => adaptationText(view));
  const isSaved = options.download === undefined || (await save(context, view, options.download));
  if (options.report !== undefined) {
    const files = await writeReport(options.report, await collectReport(client, view, null));
    output.note(`Wrote ${files.page} and ${files.document}`);
  }
  const exitCode = adaptationExitCode(view);
  return isSaved || exitCode !== EXIT.ok ? exitCode : EXIT.failed;
}

/** @returns false when there is nothing to save: the run has not come to its adapted network */
async function save(
  { client, output }: CommandContext,
  view: AdaptationView,
  file: string,
): Promise<boolean> {
  const { id, status, phase } = view;
  if (view.final === null || view.final.weights === null) {
    output.note(`Nothing was saved to ${file}: the run has no adapted network (${status}, ${phase}).`);
    if (!hasEnded(view)) output.note(`lutra adapt follow ${id} --download ${file} saves it at the end.`);
    return false;
  }
  const bytes = await downloadNetwork(client, id, file);
  output.note(`Saved the adapted network: ${file} (${bytes.toLocaleString('en')} bytes)`);
  return true;
}
