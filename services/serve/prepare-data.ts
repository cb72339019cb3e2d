import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import type { LocalDevice } from './local-device.js';
import { requireTokens } from './require-tokens.js';

/**
 * Brings the data directory into the state that the processes expect: present schema, the local devices registered.
 * @throws LutraError `conflict` for an address beyond this machine while no token was made
 */
export async function prepareData(options: {
  readonly dataDirectory: string;
  readonly host: string;
  readonly devices: readonly LocalDevice[];
}): Promise<void> {
  const { dataDirectory, host, devices } = options;
  const file = join(dataDirectory, 'lutra.db');
  // A refusal leaves nothing behind.
  if (!existsSync(file)) requireTokens(null, host, dataDirectory);
  const db = openDatabase(file);
  try {
    requireTokens(db, host, dataDirectory);
    const repository = new DeviceRepository(db);
    for (const { name, runtime, ...options } of devices) repository.register({ name, runtime, options });
  } finally {
    db.close();
  }
}
