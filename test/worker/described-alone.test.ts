import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { allowedCores } from '../../services/serve/allowed-cores.js';
import { CoreLock } from '../../services/worker/core-lock.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const WORKER = fileURLToPath(new URL('../../dist/services/worker/main.js', import.meta.url));

let directory: string;
let db: Database;
let other: CoreLock;
let worker: ChildProcess;

/** A worker that starts while another process uses its core. */
beforeEach(async () => {
  directory = temporaryDirectory();
  const [core = 0] = allowedCores();
  db = openDatabase(join(directory, 'lutra.db'));
  new DeviceRepository(db).register({ name: 'fake', runtime: 'fake', options: { threads: 1 } });
  const locks = join(directory, `lutra-cores-${userInfo().username}`);
  other = new CoreLock(locks, core);
  // As a trainer does, which leaves the intent to measure to others.
  await other.takeForTraining(new AbortController().signal);
  const args = [WORKER, '--data', directory, '--device', 'fake', '--cpu', String(core)];
  worker = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, TMPDIR: directory } });
  const intent = new Sqlite(join(locks, `core-${core}.intent`), { timeout: 0 });
  while (!isTaken(intent) && !isDescribed()) await sleep(10);
  intent.close();
});
afterEach(async () => {
  if (worker.exitCode === null && worker.signalCode === null) {
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
  }
  other.close();
  db.close();
});

const isDescribed = () => new DeviceRepository(db).get('fake').environmentId !== null;

function isTaken(lock: Sqlite.Database): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    lock.exec('ROLLBACK');
    return false;
  } catch {
    return true;
  }
}

test('a device is described once its core is free', async () => {
  expect(isDescribed()).toBe(false);
  other.release();
  while (!isDescribed()) await sleep(10);
});

test('a worker that waits for its core stops when it is asked to', async () => {
  const gone = once(worker, 'exit');
  worker.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  expect(isDescribed()).toBe(false);
});
