import { join } from 'node:path';
import type { Logger } from 'pino';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { requeueUnfinished } from '../lease/requeue-unfinished.js';
import type { LocalDevice } from './local-device.js';

/**
 * Brings the data directory into the state that the processes expect: present schema, the local devices registered,
 * unfinished jobs of an earlier life in the queue.
 */
export async function prepareData(options: {
  readonly dataDirectory: string;
  readonly devices: readonly LocalDevice[];
  readonly logger: Logger;
}): Promise<void> {
  const { dataDirectory, devices, logger } = options;
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  try {
    const repository = new DeviceRepository(db);
    for (const { name, runtime, ...options } of devices) repository.register({ name, runtime, options });
    const unfinished = await requeueUnfinished(db, new SqliteJobQueue(db));
    if (unfinished > 0) logger.info({ jobs: unfinished }, 'unfinished jobs of an earlier run go on');
  } finally {
    db.close();
  }
}
