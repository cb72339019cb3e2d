import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RestoreView } from '../../contracts/maintenance.js';
import { LutraError } from '../../core/errors.js';
import { BackupFile } from '../../db/backup-file.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { lockData } from '../serve/lock-data.js';

/** Where the data are put together, within the data folder: the folder above may be someone else's. */
const UNFINISHED = 'restore.part';

/** What SQLite keeps beside a database. Those of another one would be played back into the restored one. */
const COMPANIONS = ['lutra.db-wal', 'lutra.db-shm', 'lutra.db-journal'];

/**
 * Makes a data folder from a backup, of this version or an earlier one. All of it is made aside and looked through; then
 * the blobs are moved to their place, and the database last: without it the folder is none. Whatever a restore that was
 * killed left behind, the next one clears away.
 * @throws LutraError `conflict` when the folder holds data, `invalid-request` for a damaged backup
 */
export async function restore(file: string, dataDirectory: string): Promise<RestoreView> {
  refuseDatabase(dataDirectory);
  const backup = BackupFile.open(file);
  const made = mkdirSync(dataDirectory, { recursive: true });
  try {
    return await inPart(dataDirectory, async (part) => {
      const blobs = await fill(part, backup);
      moveIntoPlace(part, dataDirectory);
      return { dataDirectory, blobs };
    });
  } catch (error) {
    if (made !== undefined) removeEmpty(dataDirectory, dirname(made));
    throw error;
  } finally {
    backup.close();
  }
}

/** Does something with the folder aside for itself, empty; afterwards there is none. */
async function inPart<T>(dataDirectory: string, work: (part: string) => Promise<T>): Promise<T> {
  const part = join(dataDirectory, UNFINISHED);
  mkdirSync(part, { recursive: true });
  const unlock = lockData(part, 'restore');
  try {
    clear(part, dataDirectory);
    refuseBlobs(dataDirectory);
    return await work(part);
  } finally {
    clear(part, dataDirectory);
    unlock();
    rmSync(part, { recursive: true, force: true });
  }
}

/** The whole data folder, each blob held to its hash, the schema up to date. @returns how many blobs there are */
async function fill(part: string, backup: BackupFile): Promise<number> {
  mkdirSync(join(part, 'blobs'));
  const store = new BlobStore(part);
  let blobs = 0;
  for (const { sha256, bytes } of backup.blobs()) {
    if ((await store.put(bytes)) !== sha256) {
      throw new LutraError('invalid-request', `the backup is damaged: blob ${sha256} has another hash`);
    }
    blobs += 1;
  }
  await backup.extract(join(part, 'lutra.db'));
  openDatabase(join(part, 'lutra.db')).close();
  return blobs;
}

function moveIntoPlace(part: string, dataDirectory: string): void {
  refuseDatabase(dataDirectory);
  renameSync(join(part, 'blobs'), join(dataDirectory, 'blobs'));
  renameSync(join(part, 'lutra.db'), join(dataDirectory, 'lutra.db'));
}

/** Empties the folder aside. A database in it without blobs tells that they were moved, and that it never came to be. */
function clear(part: string, dataDirectory: string): void {
  const moved = join(dataDirectory, 'blobs');
  const wasMoving = existsSync(join(part, 'lutra.db')) && !existsSync(join(part, 'blobs'));
  if (wasMoving && existsSync(moved)) renameSync(moved, join(part, 'blobs'));
  // The database before the blobs: without them it would tell, should this be killed, that they were moved.
  for (const name of [...COMPANIONS, 'lutra.db', 'blobs']) {
    rmSync(join(part, name), { recursive: true, force: true });
  }
}

function refuseDatabase(dataDirectory: string): void {
  refuseExisting(join(dataDirectory, 'lutra.db'));
  for (const path of COMPANIONS.map((name) => join(dataDirectory, name))) {
    if (!existsSync(path)) continue;
    throw new LutraError(
      'conflict',
      `${path} was left by a database that is gone, and would spoil the restored one: move it away, or restore into another folder`,
    );
  }
}

function refuseBlobs(dataDirectory: string): void {
  const folder = join(dataDirectory, 'blobs');
  if (existsSync(folder) && readdirSync(folder).length > 0) refuseExisting(folder);
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new LutraError('conflict', `${path} exists and is not overwritten`);
}

/** Removes a folder and those above it, up to one that stays; what someone has put something into stays too. */
function removeEmpty(folder: string, upTo: string): void {
  try {
    for (let path = folder; path !== upTo; path = dirname(path)) rmdirSync(path);
  } catch {
    // Not ours alone.
  }
}
