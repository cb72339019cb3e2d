import { join } from 'node:path';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import type { LocalDevice } from './local-device.js';

/** Brings the data directory into the state that the processes expect: present schema, the local devices registered. */
export async function prepareData(options: {
  readonly dataDirectory: string;
  readonly devices: readonly LocalDevice[];
}): Promise<void> {
  const { dataDirectory, devices } = options;
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  try {
    const repository = new DeviceRepository(db);
    for (const { name, runtime, ...options } of devices) repository.register({ name, runtime, options });
  } finally {
    db.close();
  }
}
