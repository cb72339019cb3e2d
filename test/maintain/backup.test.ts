import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { TrainPayload } from '../../contracts/job.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { runLutra, startLutra } from '../cli/run-lutra.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const WEIGHTS = Buffer.alloc(3_000_000, 'lutra');

/** A data folder with a job, its weights, and weights that nothing refers to. */
async function dataFolder() {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'lutra.db'));
  const blobs = new BlobStore(directory);
  const sha256 = await blobs.put(WEIGHTS);
  await blobs.put(Buffer.from('nobody needs this'));
  const payload = { kind: 'train', weights: sha256 } as unknown as TrainPayload;
  const submit = () => new JobRepository(db).create({ kind: 'train', queue: 'train', priority: 0, payload });
  const job = submit();
  const { text } = new TokenRepository(db).create({ name: 'me', scope: 'admin' });
  return { directory, db, sha256, submit, job, token: text };
}

const backup = async (directory: string) => {
  const file = join(temporaryDirectory(), 'backup.db');
  const made = await runLutra(['backup', file, '--data', directory]);
  expect(made.code, made.stderr).toBe(0);
  return file;
};

describe('lutra backup and restore', () => {
  it('bring everything back that a data folder held, while others write to it', async () => {
    const { directory, db, sha256, submit, job, token } = await dataFolder();
    const file = join(temporaryDirectory(), 'backup.db');
    const started = startLutra(['backup', file, '--data', directory, '--json']);
    let jobs = 1;
    let ended = false;
    void started.finished.then(() => {
      ended = true;
    });
    for (; !ended; jobs++) {
      submit();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const made = await started.finished;
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ file, blobs: 1 });
    db.close();

    const restored = join(temporaryDirectory(), 'restored');
    const back = await runLutra(['restore', file, '--data', restored]);
    expect(back.code, back.stderr).toBe(0);
    expect(back.stdout).toContain('1 weights restored');
    const copy = openDatabase(join(restored, 'lutra.db'));
    expect(new JobRepository(copy).get(job.id).payload).toMatchObject({ weights: sha256 });
    const count = copy.prepare<[], number>('SELECT count(*) FROM job').pluck().get()!;
    expect(count).toBeGreaterThanOrEqual(1);
    expect(count).toBeLessThanOrEqual(jobs);
    expect(new TokenRepository(copy).authenticate(token)?.name).toBe('me');
    expect(copy.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'backup_blob'").get()).toBeUndefined();
    copy.close();
    expect(Buffer.from(await new BlobStore(restored).get(sha256))).toEqual(WEIGHTS);
    expect((await new BlobStore(restored).list()).length).toBe(1);
    expect(readdirSync(restored).sort()).toEqual(['blobs', 'lutra.db']);
  }, 240_000);

  it('overwrite nothing', async () => {
    const { directory } = await dataFolder();
    const file = await backup(directory);
    const before = readFileSync(file);
    const again = await runLutra(['backup', file, '--data', directory]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('exists and is not overwritten');
    expect(readFileSync(file).equals(before)).toBe(true);
    const onto = await runLutra(['restore', file, '--data', directory]);
    expect(onto.stderr).toContain('lutra.db exists and is not overwritten');
    const half = temporaryDirectory();
    await new BlobStore(half).put(Buffer.from('mine'));
    const beside = await runLutra(['restore', file, '--data', half]);
    expect(beside.stderr).toContain('blobs exists and is not overwritten');
    expect(existsSync(join(half, 'lutra.db'))).toBe(false);
  });

  it('find out that a backup is damaged, and make nothing of it', async () => {
    const { directory } = await dataFolder();
    const file = await backup(directory);
    const restore = async (broken: Buffer) => {
      const path = join(temporaryDirectory(), 'broken.db');
      writeFileSync(path, broken);
      const target = join(temporaryDirectory(), 'restored');
      const answer = await runLutra(['restore', path, '--data', target]);
      expect(answer.code).toBe(1);
      expect(existsSync(target)).toBe(false);
      return answer.stderr;
    };
    const bytes = readFileSync(file);
    expect(await restore(bytes.subarray(0, bytes.length / 2))).toContain('code invalid-request');
    // One bit of the weights: SQLite does not see it, their hash does.
    const flipped = Buffer.from(bytes);
    const at = flipped.indexOf(WEIGHTS.subarray(0, 3_000));
    flipped[at + 100]! ^= 1;
    expect(await restore(flipped)).toContain('has another hash');
    expect(await restore(Buffer.from('no database at all'.repeat(500)))).toContain(
      'cannot be read as a backup',
    );
    const other = join(temporaryDirectory(), 'other.db');
    const plain = new BetterSqlite3(other);
    plain.exec('CREATE TABLE x (y)');
    plain.close();
    expect(await restore(readFileSync(other))).toContain('is no backup of Lutra');
  });

  it('tell when there is nothing', async () => {
    const none = await runLutra(['backup', '/tmp/never.db', '--data', temporaryDirectory()]);
    expect(none.stderr).toContain('there is no database');
    const gone = await runLutra(['restore', '/tmp/never.db', '--data', temporaryDirectory()]);
    expect(gone.code).toBe(1);
  });
});
