import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { BlobStore } from '../../db/blob-store.js';
import type { Database } from '../../db/open-database.js';
import { collectBlobs } from './collect-blobs.js';

const EVERY_MS = 3_600_000;

/** Collects blobs once an hour until told to stop; a collection that fails is logged and tried again. */
export async function keepCollecting(
  db: Database,
  blobs: BlobStore,
  logger: FastifyBaseLogger,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await sleep(EVERY_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
    if (stop.aborted) return;
    try {
      const collection = await collectBlobs(db, blobs);
      if (collection.deleted > 0) logger.info(collection, 'blobs collected');
    } catch (error) {
      logger.error({ err: error }, 'could not collect blobs');
    }
  }
}
