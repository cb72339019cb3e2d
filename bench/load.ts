import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from '../core/measurement/quantile.js';
import { fuse } from '../core/ops/fuse.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { openDatabase } from '../db/open-database.js';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';
import { shiftUnderLoad } from './shift-under-load.js';

const CORE = 0;
const REQUESTS_PER_S = 200;
const READS_PER_S = 100;
const SESSIONS = 4;

const WARM_UP_MS = 2_000;
const LOCKED_MS = 5_000;

const CANDIDATE = { zoo: 'mobilenet-v3-small', options: { resolution: 96 } };
const NETWORK = buildZooNetwork(CANDIDATE.zoo, CANDIDATE.options);

/** Estimates at a fixed rate while the machine measures: what each does to the other. */
export async function* benchLoad(): AsyncIterable<BenchLine> {
  // The api inherits it, as under `lutra serve` the scheduler keeps it off a busy core.
  keepOffCores([CORE]);
  const folder = mkdtempSync(join(tmpdir(), 'lutra-bench-'));
  benchDatabase(join(folder, 'lutra.db'), new Set(fuse(NETWORK).map(({ key }) => key))).db.close();
  const entry = fileURLToPath(new URL('../services/api/server.js', import.meta.url));
  const server = fork(entry, ['--port', '0', '--data', folder], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    const [message] = (await once(server, 'message')) as [{ url?: string; message?: string }];
    if (message.url === undefined) throw new Error(`the api did not start: ${message.message}`);
    const estimate = { devices: ['bench'], candidates: [CANDIDATE], ops: false };
    const load = await warmLoad(`${message.url}/estimate`, REQUESTS_PER_S, estimate);
    const ratios: number[] = [];
    try {
      for (let seed = 0; seed < SESSIONS; seed++)
        ratios.push(await shiftUnderLoad(NETWORK, CORE, seed, load));
    } finally {
      load.stop();
    }
    const shifts = ratios.map((ratio) => ratio - 1);
    const { answersMs } = load;
    yield judged({
      bench: 'load',
      metric: `POST /estimate, ${REQUESTS_PER_S} a second while a network is measured, 99th percentile`,
      value: percentile(answersMs, 0.99),
      unit: 'ms',
      goal: { atMost: 20 },
      detail: { requests: answersMs.length, medianMs: percentile(answersMs, 0.5) },
    });
    yield judged({
      bench: 'load',
      metric: 'what that load moves the measured latency by, median of sessions',
      value: 100 * Math.abs(median(shifts)),
      unit: '%',
      goal: { atMost: 1 },
      detail: { sessions: shifts.map((shift) => Number((100 * shift).toFixed(2))) },
    });
    const reads = await readWhileLocked(message.url, folder);
    yield judged({
      bench: 'load',
      metric: `GET /jobs, ${READS_PER_S} a second while requests wait for a locked database, 99th percentile`,
      value: percentile(reads.answersMs, 0.99),
      unit: 'ms',
      goal: { atMost: 20 },
      detail: {
        requests: reads.answersMs.length,
        mostMs: percentile(reads.answersMs, 1),
        refused: reads.refused,
      },
    });
  } finally {
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another process holds the write lock, and twenty requests a second wait for it: what that does to those that read. */
async function readWhileLocked(
  url: string,
  folder: string,
): Promise<{ readonly answersMs: readonly number[]; readonly refused: number }> {
  const reading = await warmLoad(`${url}/jobs?limit=10`, READS_PER_S);
  const db = openDatabase(join(folder, 'lutra.db'));
  db.exec('BEGIN IMMEDIATE');
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ device: 'bench', candidate: CANDIDATE });
  const refused: Promise<number>[] = [];
  const writing = setInterval(() => {
    const sent = fetch(`${url}/measure`, { method: 'POST', headers, body });
    refused.push(sent.then(({ status, body }) => body!.cancel().then(() => (status === 503 ? 1 : 0))));
  }, 50);
  reading.begin();
  await sleep(LOCKED_MS);
  clearInterval(writing);
  await reading.end();
  reading.stop();
  const sum = (await Promise.all(refused)).reduce((total, one) => total + one, 0);
  db.exec('ROLLBACK');
  db.close();
  return { answersMs: reading.answersMs, refused: sum };
}

/**
 * In a process of its own: this one reads what the measuring child says, and would keep answers waiting meanwhile. An api
 * that has just started compiles what it runs; who measures with one does so for hours, so the first two seconds are
 * not in `answersMs`.
 */
async function warmLoad(url: string, perSecond: number, body?: unknown) {
  const entry = fileURLToPath(new URL('./steady-load.js', import.meta.url));
  const bodies = body === undefined ? [] : [JSON.stringify(body)];
  const child = fork(entry, [url, String(perSecond), ...bodies], { stdio: 'inherit' });
  const answersMs: number[] = [];
  const load = {
    answersMs,
    begin: () => void child.send('begin'),
    end: async () => {
      child.send('end');
      const [ofThisWindow] = (await once(child, 'message')) as [readonly number[]];
      answersMs.push(...ofThisWindow);
    },
    stop: () => void child.kill(),
  };
  load.begin();
  await sleep(WARM_UP_MS);
  await load.end();
  answersMs.length = 0;
  return load;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
