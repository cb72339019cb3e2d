import type { Environment } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import type { DeviceRow } from '../../db/repositories/devices.js';

/**
 * Refuses an environment that is not the registered device's: its figures would go into another device's table.
 * @throws LutraError `invalid-request` with a pointer
 */
export function holdToDevice(environment: Environment, device: DeviceRow, pointer: string): void {
  const { threads, dtype } = device.options;
  const registered = { runtime: device.runtime, threads, dtype };
  for (const [fact, expected] of Object.entries(registered)) {
    const found = environment[fact as keyof typeof registered];
    if (found === expected) continue;
    throw new LutraError(
      'invalid-request',
      `${pointer}/${fact}: device '${device.name}' is registered with ${expected}, got ${found}`,
      { pointer: `${pointer}/${fact}` },
    );
  }
}
