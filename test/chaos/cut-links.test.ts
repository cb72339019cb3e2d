import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { openQueue } from '../../queue/open-queue.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { measureJob } from '../lease/lease-world.js';
import { type CuttableLink, cuttableLink } from '../support/cuttable-link.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { Cluster, until } from './cluster.js';
import { violations } from './event-log.js';

const LEASE_MS = 2_500;
const OPS = ['dense:64>32:relu:f32', 'dense:64>48:relu:f32'];

let redis: RedisServer;
let cluster: Cluster;
let link: CuttableLink | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());
afterEach(async () => {
  await cluster.close();
  await link?.close();
});

const rows = () => new JobRepository(cluster.db);
const finished = (id: string) => rows().get(id).status === 'finished';
const described = () => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL');
const measure = async (device: string) =>
  (await cluster.post<{ job: JobView }>('/measure', { device, candidate: { zoo: 'mobilenet-v3-tiny' } })).body
    .job.id;

it('stands a cut between worker and api in the middle of a lease: short, the same attempt; long, another', async () => {
  cluster = await Cluster.start();
  link = await cuttableLink(Number(new URL(cluster.url).port));
  const via = `http://127.0.0.1:${link.port}`;
  cluster.worker({ device: 'board', via, leaseMs: LEASE_MS });
  await until(() => described() === 1);

  const short = await measure('board');
  await until(() => rows().get(short).status !== 'queued', 2);
  link.cut();
  await sleep(LEASE_MS / 5);
  link.heal();
  await until(() => finished(short));
  expect(rows().get(short).result).not.toBeNull();

  const long = await measure('board');
  await until(() => rows().get(long).status !== 'queued', 2);
  link.cut();
  await sleep(3 * LEASE_MS);
  expect(finished(long)).toBe(false);
  link.heal();
  await until(() => finished(long));
  expect(rows().get(long).attempts).toBeGreaterThanOrEqual(2);
  expect(rows().get(long).result).not.toBeNull();
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
}, 90_000);

it('stands a cut between a worker and Redis in the middle of a lease', async () => {
  cluster = await Cluster.start({ REDIS_URL: redis.url });
  link = await cuttableLink(redis.port);
  await cluster.register('near');
  cluster.localWorker('near', LEASE_MS, { REDIS_URL: `redis://127.0.0.1:${link.port}` });
  await until(() => described() === 1);
  const first = await measure('near');
  await until(() => rows().get(first).status !== 'queued', 2);
  link.cut();
  await sleep(2 * LEASE_MS);
  link.heal();
  const second = await measure('near');
  await until(() => finished(first) && finished(second));
  expect([rows().get(first).result, rows().get(second).result]).not.toContain(null);
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
}, 90_000);

it('loses and doubles nothing when Redis forgets everything, and when it is restarted, in the middle', async () => {
  cluster = await Cluster.start({ REDIS_URL: redis.url });
  for (const device of ['a', 'b']) await cluster.register(device);
  const opened = await openQueue(cluster.db, redis.url, () => undefined);
  const ids: string[] = [];
  for (let i = 0; i < 60; i++) {
    const job = measureJob({
      device: i % 2 === 0 ? 'a' : 'b',
      ops: [OPS[i % 4 < 2 ? 0 : 1]!],
      remeasure: true,
    });
    ids.push((await submitJob(cluster.db, opened.queue, job)).id);
  }
  for (const device of ['a', 'b']) cluster.quickWorker(device, `worker-${device}`, LEASE_MS);
  const done = () => ids.length - cluster.unfinished();
  await until(() => done() >= 10, 5);
  const { Redis } = await import('ioredis');
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  await until(() => done() >= 30, 5);
  await redis.restart();
  await until(() => cluster.unfinished() === 0);
  await opened.close();
  expect(ids.filter((id) => rows().get(id).result === null)).toEqual([]);
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
}, 90_000);
