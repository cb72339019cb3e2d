import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { seededRng } from '../../core/random.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { labelQueue } from '../../services/lease/queue-names.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { measureJob } from '../lease/lease-world.js';
import { cuttableLink } from '../support/cuttable-link.js';
import { Cluster, kill, until } from './cluster.js';
import { violations } from './event-log.js';

const GOOD = 'dense:64>32:relu:f32';
const POISON = 'dense:64>48:relu:f32';
const LEASE_MS = 2_000;
/** More of both for a longer soak: LUTRA_CHAOS_JOBS=500. */
const JOBS = Number(process.env.LUTRA_CHAOS_JOBS ?? 120);
/** All of them: LUTRA_CHAOS_GOOD_JOBS=100. */
const GOOD_JOBS = Number(process.env.LUTRA_CHAOS_GOOD_JOBS ?? 10);
const SEED = Number(process.env.LUTRA_CHAOS_SEED ?? 1);

let cluster: Cluster;
let rows: JobRepository;
beforeEach(async () => {
  cluster = await Cluster.start();
  rows = new JobRepository(cluster.db);
});
afterEach(() => cluster.close());

const submit = async (device: string, op: string, submitter = 'ada') => {
  const job = { ...measureJob({ device, ops: [op], remeasure: true }), submittedBy: submitter };
  return (await submitJob(cluster.db, new SqliteJobQueue(cluster.db), job)).id;
};

it('does a job again whose worker was killed at the claim and while it measured, within 20 s of each', async () => {
  const hangs = { rules: [{ match: '*', behaviour: 'hang' }] };
  let worker = cluster.worker({ device: 'board', leaseMs: LEASE_MS, runtimeOptions: hangs });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 1);
  const id = await submit('board', GOOD);
  const killed: number[] = [];
  for (const stage of ['leased', 'running']) {
    const attempt = killed.length + 1;
    await until(() => rows.get(id).attempts === attempt && rows.get(id).status === stage, 5);
    await kill(worker);
    killed.push(Date.now());
    const runtimeOptions = attempt === 1 ? hangs : { rules: [] };
    worker = cluster.worker({ device: 'board', leaseMs: LEASE_MS, runtimeOptions });
  }
  await until(() => rows.get(id).status === 'finished');
  expect(rows.get(id)).toMatchObject({ attempts: 3, result: { kind: 'measure' } });
  const claims = rows.events(id, 0).filter(({ type }) => type === 'leased');
  expect(claims.map(({ atMs }, i) => i === 0 || atMs - killed[i - 1]! < 20_000)).toEqual([true, true, true]);
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
});

it('does a job again whose worker was killed with the result in hand, and counts it once', async () => {
  const link = await cuttableLink(Number(new URL(cluster.url).port));
  onTestFinished(() => link.close());
  const worker = cluster.worker({
    device: 'board',
    leaseMs: LEASE_MS,
    via: `http://127.0.0.1:${link.port}`,
  });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 1);
  const id = await submit('board', GOOD);
  const said = (words: string) => readFileSync(cluster.logFile, 'utf8').includes(words);
  await until(() => said(`"job":"${id}","attempt":1,"kind":"measure","msg":"started"`), 2);
  link.cut();
  await until(() => said('nothing gets to the source or back'));
  await kill(worker);
  const killedMs = Date.now();
  link.heal();
  cluster.worker({ device: 'board', leaseMs: LEASE_MS });
  await until(() => rows.get(id).status === 'finished');
  expect(rows.get(id)).toMatchObject({ attempts: 2, result: { kind: 'measure' } });
  const claims = rows.events(id, 0).filter(({ type }) => type === 'leased');
  expect(claims.at(-1)!.atMs - killedMs).toBeLessThan(20_000);
  expect(cluster.count('SELECT count(*) FROM session WHERE job_id = ?', id)).toBe(1);
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
});

it('refuses the late result of a worker that was stopped beyond its lease, whose job another has done', async () => {
  // A lease longer than this a worker does not try at all: the other must be done within it.
  const leaseMs = 12_000;
  const link = await cuttableLink(Number(new URL(cluster.url).port));
  onTestFinished(() => link.close());
  const args = ['--label', 'twins'];
  const via = `http://127.0.0.1:${link.port}`;
  const first = cluster.worker({ device: 'one', leaseMs, args, via });
  cluster.worker({ device: 'two', leaseMs, args });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 2);
  await cluster.post('/devices/two/drain', {});
  const job = { ...measureJob({ device: null, ops: [GOOD] }), queue: labelQueue('twins', 'float32') };
  const queue = new SqliteJobQueue(cluster.db);
  const { id } = await submitJob(cluster.db, queue, job);
  const said = (words: string) => readFileSync(cluster.logFile, 'utf8').includes(words);
  // It measures, and has its result in hand when its link is gone; there it is stopped.
  await until(() => said(`"job":"${id}","attempt":1,"kind":"measure","msg":"started"`), 2);
  link.cut();
  await until(() => said('nothing gets to the source or back'));
  first.kill('SIGSTOP');
  link.heal();
  await cluster.post('/devices/two/resume', {});
  await until(() => rows.get(id).status === 'finished');
  expect(rows.get(id)).toMatchObject({ device: 'two', attempts: 2, result: { kind: 'measure' } });
  first.kill('SIGCONT');
  const log = () => rows.events(id, 0).map(({ type }) => type);
  await until(() => log().includes('refused'));
  expect(log().filter((type) => type !== 'progress')).toEqual([
    'queued',
    'leased',
    'leased',
    'finished',
    'refused',
  ]);
  await until(() => said('"answer":"lost"'));
  const entries = `SELECT count(*) FROM latency_entry JOIN op ON op.id = op_id WHERE key = ?`;
  expect(cluster.count(entries, GOOD)).toBe(1);
  expect(cluster.count('SELECT count(*) FROM session WHERE job_id = ?', id)).toBe(1);
  const next = await submit('one', POISON);
  await until(() => rows.get(next).status === 'finished');
  expect(rows.get(next).result).not.toBeNull();
  expect(violations(cluster.db, leaseMs)).toEqual([]);
}, 120_000);

it('ends a hanging op at its deadline, and the next job runs', async () => {
  const runtimeOptions = { rules: [{ match: `op:${POISON}`, behaviour: 'hang' }] };
  cluster.worker({ device: 'board', leaseMs: LEASE_MS, runtimeOptions });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 1);
  await submit('board', GOOD);
  const hanging = rows.get(await submit('board', POISON));
  const after = rows.get(await submit('board', GOOD));
  // The default deadline is 20 s: this job says 2.
  cluster.db
    .prepare(`UPDATE job SET payload = json_set(payload, '$.protocol.subjectTimeoutMs', 2000) WHERE id = ?`)
    .run(hanging.id);
  await until(() => rows.get(after.id).status === 'finished');
  const ended = rows.get(hanging.id);
  expect(ended.outcome).toBe('timeout');
  expect(rows.get(after.id).result).not.toBeNull();
  // By its own deadline, not sooner and not by the default one, however slowly processes start here.
  expect(ended.finishedAtMs! - ended.startedAtMs!).toBeGreaterThanOrEqual(2_000);
  expect(ended.message).toContain('no sign of life for 2000 ms');
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
});

it(`measures ${GOOD_JOBS} good jobs around a poison one, each once, by one worker`, {
  timeout: 60_000 + GOOD_JOBS * 4_000,
}, async () => {
  const runtimeOptions = { rules: [{ match: `op:${POISON}`, behaviour: 'crash' }] };
  const worker = cluster.worker({ device: 'board', leaseMs: LEASE_MS, runtimeOptions });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 1);
  const good: string[] = [];
  for (let i = 0; i < GOOD_JOBS / 2; i++) good.push(await submit('board', GOOD));
  const poison = await submit('board', POISON);
  while (good.length < GOOD_JOBS) good.push(await submit('board', GOOD));
  await until(() => cluster.unfinished() === 0, 50);
  expect(rows.get(poison)).toMatchObject({ outcome: 'crashed', attempts: 1 });
  expect(good.filter((id) => rows.get(id).result === null)).toEqual([]);
  expect(cluster.count("SELECT count(*) FROM job_event WHERE type = 'finished'")).toBe(GOOD_JOBS + 1);
  expect(worker.exitCode).toBeNull();
  expect(violations(cluster.db, LEASE_MS)).toEqual([]);
});

it(`holds no device and no job twice: 8 workers of 4 devices, ${JOBS} jobs, one of them poison, random kills`, {
  timeout: 120_000 + JOBS * 2_000,
}, async () => {
  // Longer than eight workers on a crowded machine keep each other from renewing: only the dead lose a lease.
  const leaseMs = 3_000;
  const rng = seededRng(SEED);
  const rules = [{ match: `op:${POISON}`, behaviour: 'crash' }];
  const devices = ['d0', 'd1', 'd2', 'd3'];
  for (const device of devices) await cluster.register(device, { rules });
  const ids: string[] = [];
  for (let i = 0; i < JOBS; i++) ids.push(await submit(devices[i % 4]!, GOOD, `submitter-${i % 3}`));
  const poison = await submit('d0', POISON);

  const workers: { child: ChildProcess; name: string; starts: number }[] = [];
  const start = (slot: number, starts: number) => {
    const name = `w${slot}.${starts}`;
    return { child: cluster.quickWorker(devices[slot % 4]!, name, leaseMs), name, starts };
  };
  for (let slot = 0; slot < 8; slot++) workers.push(start(slot, 0));
  const killed = new Set<string>();
  let kills = 0;
  let finishedAtLastKill = 0;
  while (cluster.unfinished() > 0) {
    await sleep(100);
    for (const [slot, worker] of workers.entries()) {
      // Killed by the poison, or by this test.
      if (worker.child.exitCode !== null || worker.child.signalCode !== null)
        workers[slot] = start(slot, worker.starts + 1);
    }
    const finished = JOBS + 1 - cluster.unfinished();
    // A kill for every tenth job, of a worker that may be idle, claiming, measuring or handing in.
    if (finished - finishedAtLastKill >= 10) {
      finishedAtLastKill = finished;
      await sleep(100 * rng());
      const victim = workers[Math.floor(8 * rng())]!;
      victim.child.kill('SIGKILL');
      kills++;
      killed.add(victim.name);
    }
  }
  expect(kills).toBeGreaterThanOrEqual(Math.floor(JOBS / 12) - 1);
  expect(rows.get(poison)).toMatchObject({ outcome: 'abandoned', attempts: 3 });
  expect(rows.get(poison).message).toContain('gave up after 3 workers lost in a row');
  // Disturbed sessions leave a job `unstable`, with its figures; three kills in a row end it without any.
  const holders = (id: string) =>
    rows.events(id, 0).flatMap(({ type, data }) => (type === 'leased' ? [data.worker as string] : []));
  const wasKilledThrice = (id: string) => holders(id).filter((name) => killed.has(name)).length >= 3;
  expect(ids.filter((id) => rows.get(id).result === null && !wasKilledThrice(id)).map(holders)).toEqual([]);
  expect(violations(cluster.db, leaseMs)).toEqual([]);
});
