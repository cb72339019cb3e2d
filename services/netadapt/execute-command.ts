import { setTimeout as delay } from 'node:timers/promises';
import type { Command, DescribeDeviceCommand } from '../../core/netadapt/command.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { measureNetworks } from './measure.js';
import { proposeWidths } from './propose-widths.js';
import type { RunScope } from './run-scope.js';
import { train } from './train.js';

/** A worker describes its device when it starts: no need to hurry. */
const DEVICE_POLL_MS = 200;

/**
 * Carries out one command.
 * @returns the event that answers it
 * @throws LutraError for what the run cannot go on without
 */
export async function executeCommand(scope: RunScope, command: Command): Promise<RunEvent> {
  switch (command.kind) {
    case 'record':
      return command.event;
    case 'describe-device':
      return describeDevice(scope, command);
    case 'train':
      return train(scope, command);
    case 'measure':
      return measureNetworks(scope, command);
    case 'propose':
      return proposeWidths(scope, command);
  }
}

/** Waits for a worker to say what the device is; takes down its noise as it is by then. */
async function describeDevice(
  { db, signal }: RunScope,
  { key, device }: DescribeDeviceCommand,
): Promise<RunEvent> {
  const devices = new DeviceRepository(db);
  for (;;) {
    const { environment, environmentHash } = devices.get(device);
    if (environment !== null && environmentHash !== null) {
      const { channelStep, dtype } = environment;
      const noise = devices.health(device).noise;
      return { type: 'device-described', key, environmentHash, channelStep, dtype, noise };
    }
    await delay(DEVICE_POLL_MS, undefined, { signal });
  }
}
