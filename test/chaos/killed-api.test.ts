import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { seededRng } from '../../core/random.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { Cluster, until } from './cluster.js';

/** The whole proof: LUTRA_CHAOS_KILLS=200. */
const KILLS = Number(process.env.LUTRA_CHAOS_KILLS ?? 15);
const SUBMITTERS = 4;

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.start();
  await cluster.register('board');
});
afterEach(() => cluster.close());

it(`keeps every job that was answered with 202 through ${KILLS} kill -9 of the api, and none by half`, {
  timeout: 60_000 + KILLS * 6_000,
}, async () => {
  const rng = seededRng(7);
  const accepted = new Set<string>();
  let stopped = false;
  let requests = 0;
  const submitOn = async (submitter: number): Promise<void> => {
    for (let i = 0; !stopped; i++) {
      requests++;
      // The same request until it is answered: a job that was stored without an answer is found again.
      for (let answered = false; !answered && !stopped; ) {
        try {
          const response = await fetch(`${cluster.url}/measure`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'idempotency-key': `${submitter}/${i}` },
            body: JSON.stringify({ device: 'board', candidate: { zoo: 'mobilenet-v3-tiny' } }),
          });
          expect(response.status).toBe(202);
          accepted.add(((await response.json()) as { job: JobView }).job.id);
          answered = true;
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
          await sleep(5);
        }
      }
    }
  };
  const submitting = Array.from({ length: SUBMITTERS }, (_, i) => submitOn(i));
  for (let kills = 0; kills < KILLS; kills++) {
    const before = accepted.size;
    await until(() => accepted.size > before, 1);
    await sleep(40 * rng());
    await cluster.killApi();
    await cluster.startApi();
  }
  stopped = true;
  await Promise.all(submitting);
  // The last start has told the queue of what the last kill cut off.
  await cluster.killApi();
  await cluster.startApi();

  expect(accepted.size).toBeGreaterThanOrEqual(KILLS);
  const stored = cluster.db.prepare<[], string>('SELECT id FROM job').pluck().all();
  expect([...accepted].filter((id) => !stored.includes(id))).toEqual([]);
  // No request made two jobs, and only those under way at the end may be without an answer.
  expect(stored.length).toBeLessThanOrEqual(requests);
  expect(stored.length - accepted.size).toBeLessThanOrEqual(SUBMITTERS);
  expect(
    cluster.count(
      `SELECT count(*) FROM job WHERE (SELECT group_concat(type) FROM job_event WHERE job_id = job.id) IS NOT 'queued'
         OR json_array_length(payload, '$.networks') IS NOT 1`,
    ),
  ).toBe(0);
  const depth = async () => (await new SqliteJobQueue(cluster.db).depth()).get('device.board')?.waiting;
  await expect.poll(depth, { timeout: 20_000 }).toBe(stored.length);
  expect(cluster.db.pragma('integrity_check', { simple: true })).toBe('ok');
});
