import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { MeasurePayload } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { requeueUnfinished } from '../../services/lease/requeue-unfinished.js';
import { sessionReport } from './session-report.js';
import { temporaryDirectory } from './temporary-directory.js';

const LOOP = fileURLToPath(new URL('./children/commit-loop.mjs', import.meta.url));
const KEY = 'dense:64>10:f32';
const KILLS = 8;

const PAYLOAD: MeasurePayload = {
  kind: 'measure',
  device: 'local',
  networks: [],
  ops: [KEY],
  protocol: DEFAULT_PROTOCOL,
  remeasure: true,
};
const REPORT = sessionReport({ ops: { [KEY]: 4_000 } });

/** Lets the loop run until it has committed a few jobs, kills it, and returns what it acknowledged. */
async function killedLoop(directory: string, commits: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [LOOP, directory, JSON.stringify(PAYLOAD), JSON.stringify(REPORT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('committed').length > commits) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}

it('kill -9 of a committing process loses nothing acknowledged and leaves nothing half done', async () => {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'lutra.db'));
  db.exec(
    `INSERT INTO device (name, runtime, options, registered_at_ms) VALUES ('local', 'fake', '{"threads":1}', 0)`,
  );
  const acknowledged: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) acknowledged.push(...(await killedLoop(directory, 3 + kill)));

  const jobs = new JobRepository(db);
  const named = (prefix: string) =>
    acknowledged.filter((line) => line.startsWith(prefix)).map((line) => line.split(' ')[1]!);
  expect(named('committed').length).toBeGreaterThanOrEqual(KILLS * 3);
  for (const id of named('submitted')) expect(jobs.find(id)).toBeDefined();
  for (const id of named('committed'))
    expect(jobs.get(id)).toMatchObject({ status: 'finished', outcome: 'ok' });

  const halfDone = db
    .prepare(
      `SELECT job.id FROM job LEFT JOIN session ON session.job_id = job.id GROUP BY job.id
       HAVING count(session.id) <> (job.status = 'finished')`,
    )
    .all();
  expect(halfDone).toEqual([]);
  expect(count('probe')).toBe(2 * count('session'));
  expect(count('measurement')).toBe(2 * count('session'));
  expect(count('measurement_term')).toBe(2 * count('session'));
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);

  await finishTheRest();
  expect(jobs.unfinished()).toEqual([]);
  expect(count('session')).toBe(count('job'));
  db.close();

  function count(table: string): number {
    return db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!;
  }

  /** What was cut off is taken up again: rows without a queue entry, and leases of dead processes. */
  async function finishTheRest(): Promise<void> {
    const queue = new SqliteJobQueue(db);
    const blobs = new BlobStore(directory);
    await requeueUnfinished(db, queue);
    const source = new LocalLeaseSource({
      db,
      queue,
      blobs,
      worker: 'last',
      capabilities: { device: 'local', hasDataset: null },
      leaseMs: 10_000,
    });
    while (jobs.unfinished().length > 0) {
      const work = await source.claim();
      if (work?.kind === 'measure') await source.complete(work.lease, { kind: 'measure', report: REPORT });
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
