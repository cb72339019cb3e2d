import { join } from 'node:path';
import type { Logger } from 'pino';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { requeueUnfinished } from '../lease/requeue-unfinished.js';

/**
 * Brings the data directory into the state that the processes expect: present schema, the local device registered,
 * unfinished jobs of an earlier life in the queue.
 */
export async function prepareData(options: {
  readonly dataDirectory: string;
  readonly device: string;
  readonly runtime: string;
  readonly runtimeOptions?: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
}): Promise<void> {
  const { dataDirectory, device, runtime, runtimeOptions, logger } = options;
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  try {
    new DeviceRepository(db).register({
      name: device,
      runtime,
      options: { threads: 1, ...(runtimeOptions === undefined ? {} : { runtimeOptions }) },
    });
    const unfinished = await requeueUnfinished(db, new SqliteJobQueue(db));
    if (unfinished > 0) logger.info({ jobs: unfinished }, 'unfinished jobs of an earlier run go on');
  } finally {
    db.close();
  }
}
