import type { Command } from 'commander';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { familyOps } from '../../core/latency/family-ops.js';
import { fuse } from '../../core/ops/fuse.js';
import { randomNetworks } from '../../core/zoo/random-network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { integerValue, numberList, numberValue } from '../input/option-values.js';
import { zooMembers } from '../input/zoo-members.js';
import { knownOps } from '../measuring/known-ops.js';
import { calibratingNetworks, type WholeNetwork, wholeNetworks } from '../measuring/measure-networks.js';
import { measureTable } from '../measuring/measure-table.js';
import { costOf } from '../measuring/measuring-cost.js';
import { type BuildPlan, type BuildResult, planText, resultText } from '../views/table-build-text.js';

interface BuildOptions extends CommonOptions {
  readonly device: string;
  readonly resolution?: readonly number[];
  readonly width: number;
  readonly step?: number;
  readonly classes?: number;
  readonly inputChannels?: number;
  readonly networks: number;
  readonly plan?: boolean;
}

/** Seeds of the networks that calibrate: others than `lutra fidelity` draws. */
const CALIBRATION_SEED = 1_000_001;

export function tableBuildCommand(table: Command, host: CommandHost): void {
  const command = table
    .command('build')
    .summary('measure every op that a family of networks can come to have')
    .description(
      'Measures the complete table of a zoo family: every op at every width in steps of the device’s channel step, and some networks whole to calibrate it. States its cost first. What the table has already is not measured again, so an interrupted build goes on where it was. What a disturbance spoils is measured again, twice at most; ends with 1 if anything is left.',
    )
    .argument('<zoo-name>', 'name of a zoo network (lutra zoo lists them)')
    .option('-d, --device <name>', 'whose table', 'local')
    .option('--resolution <pixels>', 'sides of the input image, comma between', numberList)
    .option('--width <factor>', 'the widest member', numberValue, 1)
    .option(
      '--step <channels>',
      'step of widths (default: the device’s channel step, 8 where it has none)',
      integerValue,
    )
    .option('--classes <count>', 'classes of the last layer', integerValue)
    .option('--input-channels <count>', 'channels of the input image', integerValue)
    .option('--networks <count>', 'networks measured whole at each resolution to calibrate', integerValue, 8)
    .option('--plan', 'state the cost and measure nothing');
  withCommonOptions(command, [
    'lutra table build mobilenet-v3-small --resolution 96,224',
    'lutra table build mobilenet-v2 --device board --step 32 --plan',
  ]).action((family: string, options: BuildOptions) =>
    host.run(options, (context) => build(context, family, options)),
  );
}

async function build(context: CommandContext, family: string, options: BuildOptions): Promise<ExitCode> {
  const { output } = context;
  const { device } = options;
  const { plan, missing, uncalibrated } = await makePlan(context, family, options);
  if (options.plan === true) {
    output.result(plan, () => planText(plan));
    return EXIT.ok;
  }
  output.note(planText(plan));
  const lacking = { device, target: 'steady', ops: missing, networks: uncalibrated } as const;
  const built = await measureTable(context, lacking);
  const table = await context.client.get<LatencyTableView>('/latency-table', { device, limit: 1 });
  const keys = new Set(missing);
  const left = built.left.filter(({ what }) => keys.has(what));
  const leftNetworks = built.left.filter(({ what }) => !keys.has(what));
  const measured = missing.length - left.length;
  const cost = costOf([built]);
  const result: BuildResult = {
    ...plan,
    complete: built.left.length === 0,
    measured,
    left,
    leftNetworks,
    cost,
    msPerOp: measured === 0 ? null : (cost.seconds * 1000) / measured,
    entryCount: table.entryCount,
    calibration: table.calibration,
  };
  output.result(result, () => resultText(result));
  return result.complete ? EXIT.ok : EXIT.failed;
}

interface Planned {
  readonly plan: BuildPlan;
  readonly missing: readonly string[];
  readonly uncalibrated: readonly WholeNetwork[];
}

async function makePlan(context: CommandContext, family: string, options: BuildOptions): Promise<Planned> {
  const { client } = context;
  const { device } = options;
  const { environment, dtype, runtime } = await client.get<DeviceView>(
    `/devices/${encodeURIComponent(device)}`,
  );
  const step = options.step ?? Math.max(8, environment?.channelStep ?? 1);
  const variants = optionVariants(options);
  const members = zooMembers(() =>
    variants.map((variant) => ({
      widest: buildZooNetwork(family, variant),
      random: randomNetworks(family, () => variant, options.networks, {
        seed: CALIBRATION_SEED,
        widthStep: step,
      }),
    })),
  );
  const networks = wholeNetworks(members.flatMap(({ random }) => random));
  const keys = new Set([
    ...members.flatMap(({ widest }) => familyOps(widest, step, dtype)),
    ...networks.flatMap(({ network }) => fuse(network, dtype).map(({ key }) => key)),
  ]);
  const known = await knownOps(context, device);
  const missing = [...keys].filter((key) => !known.has(key));
  const calibrating = new Set(await calibratingNetworks(context, { device, target: 'steady', networks }));
  const uncalibrated = networks.filter((network) => !calibrating.has(network));
  const plan = {
    family,
    device,
    runtime,
    step,
    ops: keys.size,
    missing: missing.length,
    networks: networks.length,
    missingNetworks: uncalibrated.length,
  };
  return { plan, missing, uncalibrated };
}

function optionVariants(options: BuildOptions): readonly Readonly<Record<string, number>>[] {
  const { width, classes, inputChannels } = options;
  const resolutions: readonly (number | undefined)[] = options.resolution ?? [undefined];
  return resolutions.map((resolution) =>
    Object.fromEntries(
      Object.entries({ width, resolution, classes, inputChannels }).filter(
        (entry): entry is [string, number] => entry[1] !== undefined,
      ),
    ),
  );
}
