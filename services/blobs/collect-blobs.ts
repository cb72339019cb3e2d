import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BlobCollection } from '../../contracts/http/blob.js';
import type { BlobStore } from '../../db/blob-store.js';
import type { Database } from '../../db/open-database.js';
import { liveBlobs } from './live-blobs.js';

/** An upload is referred to long before this, by the job or run that it is for. */
const GRACE_MS = 24 * 3_600_000;

/**
 * Deletes blobs that nothing refers to. Those unused for the grace time are listed first, references are read after
 * that, and a blob that was stored or asked for in the meantime stays: whoever is about to refer to one touches it.
 */
export async function collectBlobs(
  db: Database,
  blobs: BlobStore,
  options: { readonly graceMs?: number; readonly dryRun?: boolean; readonly nowMs?: number } = {},
): Promise<BlobCollection> {
  const { graceMs = GRACE_MS, dryRun = false, nowMs = Date.now() } = options;
  const unusedSinceMs = nowMs - graceMs;
  if (!dryRun) await blobs.tidy(nowMs);
  const stored = await blobs.list();
  const live = await liveBlobs(db, nextTurn, nowMs);
  const sum = { deleted: 0, freedBytes: 0, kept: 0, keptBytes: 0 };
  for (const { sha256, bytes, usedAtMs } of stored) {
    const isUseless = usedAtMs < unusedSinceMs && !live.has(sha256);
    if (isUseless && (dryRun || (await blobs.remove(sha256, unusedSinceMs)))) {
      sum.deleted += 1;
      sum.freedBytes += bytes;
    } else {
      sum.kept += 1;
      sum.keptBytes += bytes;
    }
  }
  return sum;
}
