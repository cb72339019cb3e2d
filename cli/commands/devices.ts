import type { Command } from 'commander';
import type { DeviceList, DeviceView } from '../../contracts/http/device-view.js';
import type { NoiseCheckAccepted } from '../../contracts/http/noise-check.js';
import type { CommandHost } from '../command-host.js';
import { withCommonOptions } from '../common-options.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob, jobExitCode } from '../follow-job.js';
import { integerValue } from '../input/option-values.js';
import { deviceTable, deviceText } from '../views/device-text.js';
import { jobText } from '../views/job-text.js';

/** As given: the server knows what a runtime can do. */
interface NewDevice {
  readonly runtime: string;
  readonly threads?: number;
  readonly dtype?: string;
}

export function devicesCommand(program: Command, host: CommandHost): void {
  const devices = program
    .command('devices')
    .summary('list, show and add devices, drain and resume them')
    .enablePositionalOptions();
  devices.description('Devices that can measure. Without a subcommand: the list.');
  withCommonOptions(devices.command('list', { isDefault: true }).description('All devices'), [
    'lutra devices',
    'lutra devices --json | jq -r ".devices[].name"',
  ]).action((options: CommonOptions) => host.run(options, listDevices));
  const one = (
    name: string,
    description: string,
    work: (context: CommandContext, device: string) => Promise<ExitCode>,
  ) =>
    withCommonOptions(devices.command(name).description(description).argument('<device>', 'its name'), [
      `lutra devices ${name} local`,
    ]).action((device: string, options: CommonOptions) =>
      host.run(options, (context) => work(context, device)),
    );
  withCommonOptions(
    devices
      .command('add')
      .description(
        'Registers a device, or gives a known one other options; then start its worker: lutra worker --device NAME',
      )
      .argument('<device>', 'its name')
      .requiredOption('--runtime <name>', 'onnxruntime, tfjs-node, tfjs-wasm or fake')
      .option('--threads <count>', 'threads of one inference (default: 1)', integerValue)
      .option('--dtype <type>', 'float32 (default) or int8'),
    ['lutra devices add q8 --runtime onnxruntime --dtype int8', 'lutra devices add pi --runtime tfjs-wasm'],
  ).action((device: string, options: CommonOptions & NewDevice) =>
    host.run(options, (context) => addDevice(context, device, options)),
  );
  one('show', 'A device: environment, queue, anchors, noise', showDevice);
  one('check', 'Measures the noise floor: the same networks in two sessions', checkDevice);
  one('drain', 'Gives the device no new jobs; the running one ends', (context, device) =>
    changeState(context, device, 'drain'),
  );
  one('resume', 'Gives the device jobs again', (context, device) => changeState(context, device, 'resume'));
}

async function listDevices({ client, output }: CommandContext): Promise<ExitCode> {
  const list = await client.get<DeviceList>('/devices');
  output.result(list, () => deviceTable(list.devices));
  return EXIT.ok;
}

async function addDevice(
  { client, output }: CommandContext,
  name: string,
  { runtime, threads, dtype }: NewDevice,
): Promise<ExitCode> {
  const device = await client.post<DeviceView>('/devices', {
    name,
    runtime,
    ...(threads === undefined ? {} : { threads }),
    ...(dtype === undefined ? {} : { dtype }),
  });
  output.result(device, () => deviceText(device));
  return EXIT.ok;
}

async function showDevice({ client, output }: CommandContext, name: string): Promise<ExitCode> {
  const device = await client.get<DeviceView>(devicePath(name));
  output.result(device, () => deviceText(device));
  return EXIT.ok;
}

/** Follows both jobs, then shows what they found. */
async function checkDevice(context: CommandContext, name: string): Promise<ExitCode> {
  const { client, output } = context;
  const { jobs } = await client.post<NoiseCheckAccepted>(`${devicePath(name)}/noise-check`);
  for (const { id } of jobs) {
    output.note(`Job ${id}`);
    const finished = await followJob(context, id);
    if (jobExitCode(finished) !== EXIT.ok) {
      output.result(finished, () => jobText(finished));
      return EXIT.failed;
    }
  }
  return showDevice(context, name);
}

async function changeState(
  { client, output }: CommandContext,
  name: string,
  change: 'drain' | 'resume',
): Promise<ExitCode> {
  const device = await client.post<DeviceView>(`${devicePath(name)}/${change}`);
  output.result(device, () => `${device.name} is ${device.state}`);
  return EXIT.ok;
}

function devicePath(name: string): string {
  return `/devices/${encodeURIComponent(name)}`;
}
