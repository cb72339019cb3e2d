import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainPayload } from '../../contracts/job.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { runLutra } from '../cli/run-lutra.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const MAINTAIN = fileURLToPath(new URL('../../dist/services/maintain/main.js', import.meta.url));
const BLOBS = 40;

let shared: string;
let source: string;
let backup: string;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'lutra-restore-'));
  source = join(shared, 'data');
  const db = openDatabase(join(source, 'lutra.db'));
  const jobs = new JobRepository(db);
  for (let i = 0; i < BLOBS; i++) {
    const weights = await new BlobStore(source).put(Buffer.alloc(400_000, `weights ${i}`));
    const payload = { kind: 'train', weights } as unknown as TrainPayload;
    jobs.create({ kind: 'train', queue: 'train', priority: 0, payload });
  }
  db.close();
  backup = join(shared, 'backup.db');
  const made = await runLutra(['backup', backup, '--data', source]);
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => rmSync(shared, { recursive: true, force: true }));

const restore = (target: string, file = backup) => runLutra(['restore', file, '--data', target]);

async function expectWhole(target: string): Promise<void> {
  expect(readdirSync(target).sort()).toEqual(['blobs', 'lutra.db']);
  const db = openDatabase(join(target, 'lutra.db'));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.prepare<[], number>('SELECT count(*) FROM job').pluck().get()).toBe(BLOBS);
  db.close();
  const store = new BlobStore(target);
  const blobs = await store.list();
  expect(blobs.length).toBe(BLOBS);
  for (const { sha256 } of blobs) await store.get(sha256);
}

describe('lutra restore', () => {
  it('is not spoilt by what a killed process left beside a database that is gone', async () => {
    const target = temporaryDirectory();
    copyFileSync(join(source, 'lutra.db'), join(target, 'lutra.db'));
    // As kill -9 leaves it: pages that never came from the log into the file.
    const killed = openDatabase(join(target, 'lutra.db'));
    const tokens = new TokenRepository(killed);
    for (let i = 0; i < 200; i++) tokens.create({ name: `token ${i}`, scope: 'read' });
    const left = readFileSync(join(target, 'lutra.db-wal'));
    killed.close();
    rmSync(join(target, 'lutra.db'));
    writeFileSync(join(target, 'lutra.db-wal'), left);

    const refused = await restore(target);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/lutra\.db-wal was left by a database that is gone.*move it away/);
    expect(readdirSync(target)).toEqual(['lutra.db-wal']);
    for (const name of ['lutra.db-shm', 'lutra.db-journal']) {
      renameSync(join(target, readdirSync(target)[0]!), join(target, name));
      expect((await restore(target)).stderr).toContain(`${name} was left`);
    }

    rmSync(join(target, 'lutra.db-journal'));
    const back = await restore(target);
    expect(back.code, back.stderr).toBe(0);
    await expectWhole(target);
  }, 60_000);

  it('leaves a folder as it was when the last of many weights is damaged, or the schema is newer', async () => {
    const damaged = join(temporaryDirectory(), 'damaged.db');
    copyFileSync(backup, damaged);
    const broken = new BetterSqlite3(damaged);
    broken.exec("UPDATE backup_blob SET bytes = x'00' WHERE sha256 = (SELECT max(sha256) FROM backup_blob)");
    broken.close();
    const newer = join(temporaryDirectory(), 'newer.db');
    copyFileSync(backup, newer);
    const ahead = new BetterSqlite3(newer);
    ahead.exec("UPDATE migration SET checksum = 'edited'");
    ahead.close();

    const empty = temporaryDirectory();
    const missing = join(temporaryDirectory(), 'not', 'yet');
    for (const [file, why] of [
      [damaged, 'has another hash'],
      [newer, 'schema-mismatch'],
    ] as const) {
      for (const target of [empty, missing]) expect((await restore(target, file)).stderr).toContain(why);
      expect(readdirSync(empty)).toEqual([]);
      expect(existsSync(join(missing, '..'))).toBe(false);
    }
    for (const target of [empty, missing]) {
      const back = await restore(target);
      expect(back.code, back.stderr).toBe(0);
      await expectWhole(target);
    }
  }, 60_000);

  it('comes to its end after one that was killed, wherever that was', async () => {
    for (const sign of [
      'restore.part/blobs/',
      'restore.part/lutra.db',
      'restore.part/lutra.db-wal',
      'blobs',
    ]) {
      const target = join(temporaryDirectory(), 'restored');
      await killOnce(target, sign);
      const back = await restore(target);
      // All may have been in place already, and nothing but the tidying up was left.
      if (back.code !== 0) expect(back.stderr).toContain('lutra.db exists and is not overwritten');
      else await expectWhole(target);
      expect(existsSync(join(target, 'lutra.db'))).toBe(true);
    }
  }, 120_000);

  it('takes back the weights of one that was killed before it moved the database', async () => {
    const target = temporaryDirectory();
    mkdirSync(join(target, 'restore.part'));
    copyFileSync(join(source, 'lutra.db'), join(target, 'restore.part', 'lutra.db'));
    await new BlobStore(target).put(Buffer.from('of the killed one'));
    const back = await restore(target);
    expect(back.code, back.stderr).toBe(0);
    await expectWhole(target);
  });

  it('leaves a folder to another that is at work there', async () => {
    const target = temporaryDirectory();
    const part = join(target, 'restore.part');
    mkdirSync(part);
    const other = new BetterSqlite3(join(part, 'restore.lock'));
    other.exec('BEGIN EXCLUSIVE');
    expect((await restore(target)).stderr).toContain('another lutra restore works on');
    other.close();
    expect((await restore(target)).code).toBe(0);
    await expectWhole(target);
  });
});

/** Starts a restore and kills it once something of it can be seen. */
async function killOnce(target: string, sign: string): Promise<void> {
  const request = { command: 'restore', dataDirectory: target, file: backup };
  const child = spawn(process.execPath, [MAINTAIN, JSON.stringify(request)], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const path = join(target, sign);
  const isThere = () => existsSync(path) && (!sign.endsWith('/') || readdirSync(path).length > 3);
  while (!isThere() && child.exitCode === null) await sleep(1);
  child.kill('SIGKILL');
  await gone;
}
