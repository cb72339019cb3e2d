import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, rmSync, statSync } from 'node:fs';
import type { BackupView } from '../../contracts/maintenance.js';
import { LutraError } from '../../core/errors.js';
import { BackupFile } from '../../db/backup-file.js';
import { BlobStore } from '../../db/blob-store.js';
import type { Database } from '../../db/open-database.js';
import { liveBlobs } from '../blobs/live-blobs.js';

/**
 * Backs a data folder up into one file while others work on it. Under its name the file is there whole or not at all.
 * @throws LutraError `conflict` when the file exists, `internal` when a blob is damaged
 */
export async function backUp(db: Database, dataDirectory: string, file: string): Promise<BackupView> {
  refuseExisting(file);
  const unfinished = `${file}.${randomUUID()}.part`;
  try {
    const backup = await BackupFile.create(db, unfinished);
    const blobs = await addBlobs(backup, new BlobStore(dataDirectory));
    backup.check();
    backup.close();
    // Fails where a file of that name has come up meanwhile.
    linkSync(unfinished, file);
    return { file, bytes: statSync(file).size, blobs };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Those that the copy refers to: what the running service stores or drops meanwhile does not count. */
async function addBlobs(backup: BackupFile, store: BlobStore): Promise<number> {
  const live = await liveBlobs(backup.db);
  const stored = (await store.list()).filter(({ sha256 }) => live.has(sha256));
  for (const { sha256 } of stored) backup.addBlob(sha256, await store.get(sha256));
  return stored.length;
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new LutraError('conflict', `${path} exists and is not overwritten`);
}
