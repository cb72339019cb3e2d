import type { Command } from 'commander';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { familyOps } from '../../core/latency/family-ops.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { integerValue, numberList } from '../input/option-values.js';
import { knownOps } from '../known-ops.js';
import { inBatches, measureBatches, NETWORKS_PER_JOB, OPS_PER_JOB } from '../measure-batches.js';

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

/** Opening and measuring an op and the graphs around it, on a server core; slower devices say so as they go. */
const USUAL_MS_PER_OP = 35;

/** Seeds of the networks that calibrate: others than `lutra fidelity` draws. */
const CALIBRATION_SEED = 1_000_001;

export function tableBuildCommand(table: Command, host: CommandHost): void {
  const command = table
    .command('build')
    .summary('measure every op that a family of networks can come to have')
    .description(
      'Measures the complete table of a zoo family: every op at every width in steps of the device’s channel step, and some networks whole to calibrate it. States its cost first. What the table has already is not measured again, so an interrupted build goes on where it was.',
    )
    .argument('<zoo-name>', 'name of a zoo network (lutra zoo lists them)')
    .option('-d, --device <name>', 'whose table', 'local')
    .option('--resolution <pixels>', 'sides of the input image, comma between', numberList)
    .option('--width <factor>', 'the widest member', Number, 1)
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
  const { client, output } = context;
  const { device } = options;
  const { environment, dtype } = await client.get<DeviceView>(`/devices/${encodeURIComponent(device)}`);
  const step = options.step ?? Math.max(8, environment?.channelStep ?? 1);
  const variants = optionVariants(options);
  const keys = new Set(
    variants.flatMap((variant) => familyOps(buildZooNetwork(family, variant), step, dtype)),
  );
  const known = await knownOps(context, device);
  const missing = [...keys].filter((key) => !known.has(key));
  const wholes = variants.flatMap((variant) =>
    Array.from({ length: options.networks }, (_, i) => randomNetwork(family, variant, CALIBRATION_SEED + i)),
  );
  const minutes = (missing.length * USUAL_MS_PER_OP) / 60_000;
  output.note(
    `${keys.size} ops in steps of ${step} channels, ${keys.size - missing.length} known, ${missing.length} to measure in ` +
      `${Math.ceil(missing.length / OPS_PER_JOB)} jobs: about ${minutes.toFixed(1)} min on a server core. ` +
      `${wholes.length} networks whole, to calibrate.`,
  );
  if (options.plan === true) {
    output.result({ ops: keys.size, missing: missing.length, step, networks: wholes.length }, () => '');
    return EXIT.ok;
  }
  const startMs = performance.now();
  const opBatches = inBatches(missing, OPS_PER_JOB).map((ops) => ({ device, ops }));
  await measureBatches(context, `Measuring ${missing.length} ops`, opBatches);
  const networkBatches = inBatches(wholes, NETWORKS_PER_JOB).map((networks) => ({
    device,
    candidates: networks.map((network) => ({ network })),
  }));
  await measureBatches(context, `Measuring ${wholes.length} networks`, networkBatches);
  const seconds = (performance.now() - startMs) / 1000;
  const now = await knownOps(context, device);
  const left = missing.filter((key) => !now.has(key));
  const { calibration, entryCount } = await client.get<LatencyTableView>('/latency-table', {
    device,
    limit: 1,
  });
  const msPerOp = missing.length === 0 ? null : (seconds * 1000) / missing.length;
  const result = {
    ops: keys.size,
    measured: missing.length - left.length,
    left,
    seconds,
    msPerOp,
    entryCount,
    calibration,
  };
  output.result(result, () => summary(device, result));
  return left.length === 0 ? EXIT.ok : EXIT.failed;
}

interface BuildResult {
  readonly ops: number;
  readonly measured: number;
  readonly left: readonly string[];
  readonly seconds: number;
  readonly msPerOp: number | null;
  readonly entryCount: number;
}

function summary(device: string, { ops, measured, left, seconds, msPerOp, entryCount }: BuildResult): string {
  const cost = msPerOp === null ? '' : `, ${msPerOp.toFixed(1)} ms an op`;
  const failed =
    left.length === 0
      ? ''
      : `\n${left.length} could not be measured, the first being ${left[0]}. Build again to retry them.`;
  return `${measured} of ${ops} ops measured in ${seconds.toFixed(0)} s${cost}; the table of ${device} has ${entryCount}.${failed}`;
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
