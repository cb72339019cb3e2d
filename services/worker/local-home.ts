import { join } from 'node:path';
import type { Logger } from 'pino';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { openQueue } from '../../queue/open-queue.js';
import type { RuntimeChoice } from '../../runtimes/create-runtime.js';
import { LocalLeaseSource } from '../lease/local-lease-source.js';
import { noiseCheckInterval } from '../lease/noise-check.js';
import type { Home, HomeOptions } from './home.js';

const POLL_MS = 40;

/** A worker beside the database. The device must be registered. */
export async function openLocalHome(
  dataDirectory: string,
  redisUrl: string | undefined,
  { device, worker, leaseMs }: HomeOptions,
  logger: Logger,
): Promise<Home> {
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  const opened = await openQueue(db, redisUrl, (error) => logger.warn({ err: error }, 'Redis'));
  const devices = new DeviceRepository(db);
  const blobs = new BlobStore(dataDirectory);
  return {
    pollMs: POLL_MS,
    deviceChoice: async (): Promise<RuntimeChoice> => {
      const { runtime, options } = devices.get(device);
      return { runtime, ...options };
    },
    setEnvironment: async (environment) => {
      devices.setEnvironment(device, environment);
    },
    source: (capabilities) =>
      new LocalLeaseSource({
        db,
        queue: opened.queue,
        blobs,
        worker,
        capabilities,
        leaseMs,
        ...noiseCheckInterval(),
      }),
    close: async () => {
      await opened.close();
      db.close();
    },
  };
}
