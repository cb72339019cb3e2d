import type { Command } from 'commander';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { FidelityReportView } from '../../contracts/http/fidelity.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import type { TimingTarget } from '../../contracts/measurement.js';
import { fuse } from '../../core/ops/fuse.js';
import { randomNetworks } from '../../core/zoo/random-network.js';
import { CliError, usageError } from '../cli-error.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { integerValue, numberList } from '../input/option-values.js';
import { zooMembers } from '../input/zoo-members.js';
import { knownOps } from '../measuring/known-ops.js';
import {
  calibratingNetworks,
  measureHeldOut,
  type WholeNetwork,
  wholeNetworks,
} from '../measuring/measure-networks.js';
import { measureTable } from '../measuring/measure-table.js';
import { costOf } from '../measuring/measuring-cost.js';
import { reasonWords } from '../measuring/unmeasured.js';
import { type FidelityResult, fidelityResultText } from '../views/fidelity-text.js';

interface FidelityOptions extends CommonOptions {
  readonly device: string;
  readonly family: string;
  readonly networks: number;
  readonly calibrate: number;
  readonly resolution?: readonly number[];
  readonly seed: number;
  readonly target: TimingTarget;
  readonly reference?: boolean;
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
    .option('--target <target>', 'steady (back to back) or cold (after other work)', 'steady')
    .option('--reference', 'networks held out are measured in three fresh processes, over 40 s each job');
  withCommonOptions(command, [
    'lutra fidelity --family mobilenet-v2 --networks 20 --resolution 96,224',
    'lutra fidelity --device board --target cold',
    'lutra fidelity --reference',
  ]).action((options: FidelityOptions) => host.run(options, (context) => fidelity(context, options)));
}

async function fidelity(context: CommandContext, options: FidelityOptions): Promise<ExitCode> {
  const { client, output } = context;
  const { device, target } = options;
  const family = familyName(options);
  const { table, heldOut, calibrating, missing } = await makePlan(context, options);
  output.note(
    `${family} on ${device} (${target}): ${heldOut.length} networks held out, measured twice; ` +
      `${calibrating.length} more to calibrate, beside ${table.calibration.networks}; ${missing.length} ops that the table lacks.`,
  );
  const lacking = { device, target, ops: missing, networks: calibrating };
  const completed = await measureTable(context, lacking);
  const quality = options.reference ? ('reference' as const) : ('standard' as const);
  const judged = { device, target, networks: heldOut, quality };
  const times = await measureHeldOut(context, judged, runName(options, table));
  const unjudged = times.flatMap(({ left }) => left);
  if (unjudged.length === 2 * heldOut.length) {
    throw new CliError(`no held-out network got a figure: ${reasonWords(unjudged)}`, {
      exitCode: EXIT.failed,
    });
  }
  const jobs = [...new Set(times.flatMap((time) => time.jobs.map(({ id }) => id)))];
  const report = await client.post<FidelityReportView>('/fidelity-reports', { device, target, family, jobs });
  const result: FidelityResult = {
    ...report,
    left: [completed, ...times].flatMap(({ left }) => left),
    cost: costOf([completed, ...times]),
  };
  output.result(result, () => fidelityResultText(result));
  return result.left.length === 0 && report.incomplete === 0 ? EXIT.ok : EXIT.failed;
}

interface FidelityPlan {
  /** As it was before. */
  readonly table: LatencyTableView;
  readonly heldOut: readonly WholeNetwork[];
  readonly calibrating: readonly WholeNetwork[];
  /** Ops of either that the table lacks. */
  readonly missing: readonly string[];
}

async function makePlan(context: CommandContext, options: FidelityOptions): Promise<FidelityPlan> {
  const { client } = context;
  const { device, target, networks, calibrate } = options;
  if (networks < 1) throw usageError('at least one network has to judge: --networks 12');
  const { dtype } = await client.get<DeviceView>(`/devices/${encodeURIComponent(device)}`);
  const table = await client.get<LatencyTableView>('/latency-table', { device, target, limit: 1 });
  const heldOut = draw(options, networks, options.seed * 1000);
  const pool = draw(options, calibrate, CALIBRATION_SEED, heldOut);
  const done = new Set(await calibratingNetworks(context, { device, target, networks: pool }));
  const calibrating = pool
    .filter((network) => !done.has(network))
    .slice(0, Math.max(0, calibrate - table.calibration.networks));
  const known = await knownOps(context, device);
  const keys = [...calibrating, ...heldOut].flatMap(({ network }) =>
    fuse(network, dtype).map(({ key }) => key),
  );
  return { table, heldOut, calibrating, missing: [...new Set(keys)].filter((key) => !known.has(key)) };
}

/**
 * The same until a report is written: what an interrupted run has measured is taken over, and the next one measures
 * anew.
 */
function runName(
  { device, target, seed }: FidelityOptions,
  { environmentHash, fidelity }: LatencyTableView,
): string {
  return JSON.stringify([device, environmentHash, target, seed, fidelity?.reportedAtMs ?? null]);
}

/** Networks at each resolution in turn. */
function draw(
  { family, resolution = [] }: FidelityOptions,
  count: number,
  seed: number,
  excluded: readonly WholeNetwork[] = [],
): readonly WholeNetwork[] {
  const optionsAt = (place: number) =>
    resolution.length === 0 ? {} : { resolution: resolution[place % resolution.length] };
  const others = new Set(excluded.map(({ hash }) => hash));
  return wholeNetworks(
    zooMembers(() => randomNetworks(family, optionsAt, count, { seed, excluded: others })),
  );
}

function familyName({ family, resolution }: FidelityOptions): string {
  return resolution === undefined ? family : `${family} at ${resolution.join(', ')} px`;
}
