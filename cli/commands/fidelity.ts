import type { Command } from 'commander';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { FidelityReportView } from '../../contracts/http/fidelity.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import type { Purpose, TimingTarget } from '../../contracts/measurement.js';
import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { integerValue, numberList } from '../input/option-values.js';
import { knownOps } from '../known-ops.js';
import { inBatches, measureBatches, NETWORKS_PER_JOB, OPS_PER_JOB } from '../measure-batches.js';
import { fidelityText } from '../views/fidelity-text.js';

interface FidelityOptions extends CommonOptions {
  readonly device: string;
  readonly family: string;
  readonly networks: number;
  readonly calibrate: number;
  readonly resolution?: readonly number[];
  readonly seed: number;
  readonly target: TimingTarget;
}

/** Networks that calibrate are drawn from seeds far from those that judge. */
const CALIBRATION_SEED = 2_000_001;

export function fidelityCommand(program: Command, host: CommandHost): void {
  const command = program
    .command('fidelity')
    .summary('how well a device’s estimates meet measurements that did not feed them')
    .description(
      'Draws random networks of a family, measures them whole, twice, and compares with what the table says of them. They never calibrate the table. The report is kept and shown with the table.',
    )
    .option('-d, --device <name>', 'whose table', 'local')
    .option('-f, --family <zoo-name>', 'what the networks are drawn from', 'mobilenet-v3-small')
    .option('-n, --networks <count>', 'networks held out', integerValue, 12)
    .option(
      '--calibrate <count>',
      'networks to calibrate with first, where the table has fewer',
      integerValue,
      8,
    )
    .option('--resolution <pixels>', 'sides of the input image, comma between', numberList)
    .option('--seed <number>', 'draws other networks', integerValue, 1)
    .option('--target <target>', 'steady (back to back) or cold (after other work)', 'steady');
  withCommonOptions(command, [
    'lutra fidelity --family mobilenet-v2 --networks 20 --resolution 96,224',
    'lutra fidelity --device board --target cold',
  ]).action((options: FidelityOptions) => host.run(options, (context) => fidelity(context, options)));
}

async function fidelity(context: CommandContext, options: FidelityOptions): Promise<ExitCode> {
  const { client, output } = context;
  const { device, target } = options;
  const { dtype } = await client.get<DeviceView>(`/devices/${encodeURIComponent(device)}`);
  const { calibration } = await client.get<LatencyTableView>('/latency-table', { device, target, limit: 1 });
  const heldOut = draw(options, options.networks, options.seed * 1000);
  const calibrating = draw(options, Math.max(0, options.calibrate - calibration.networks), CALIBRATION_SEED);
  const known = await knownOps(context, device);
  const keys = [...calibrating, ...heldOut].flatMap((network) => fuse(network, dtype).map(({ key }) => key));
  const missing = [...new Set(keys)].filter((key) => !known.has(key));
  output.note(
    `${heldOut.length} networks held out, measured twice; ${calibrating.length} to calibrate; ${missing.length} ops that the table lacks.`,
  );
  const opBatches = inBatches(missing, OPS_PER_JOB).map((ops) => ({ device, ops }));
  await measureBatches(context, `Measuring ${missing.length} ops`, opBatches);
  const wholes = (networks: readonly Network[], purpose: Purpose) =>
    inBatches(networks, NETWORKS_PER_JOB).map((batch) => ({
      device,
      target,
      purpose,
      candidates: batch.map((network) => ({ network })),
    }));
  await measureBatches(context, 'Calibrating', wholes(calibrating, 'calibration'));
  const once = wholes(heldOut, 'held-out');
  const jobs = await measureBatches(context, `Measuring ${heldOut.length} networks twice`, [
    ...once,
    ...once,
  ]);
  const report = await client.post<FidelityReportView>('/fidelity-reports', {
    device,
    target,
    family: familyName(options),
    jobs: jobs.map(({ id }) => id),
  });
  output.result(report, () => fidelityText(report));
  return EXIT.ok;
}

/** Networks at each resolution in turn. */
function draw({ family, resolution }: FidelityOptions, count: number, seed: number): readonly Network[] {
  const resolutions = resolution ?? [];
  return Array.from({ length: count }, (_, i) => {
    const side = resolutions[i % Math.max(1, resolutions.length)];
    return randomNetwork(family, side === undefined ? {} : { resolution: side }, seed + i);
  });
}

function familyName({ family, resolution }: FidelityOptions): string {
  return resolution === undefined ? family : `${family} at ${resolution.join(', ')} px`;
}
