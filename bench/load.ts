import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PROTOCOL } from '../contracts/measurement.js';
import { probesWithCauses } from '../core/measurement/judge-session.js';
import { summarizeSubject } from '../core/measurement/summarize-subject.js';
import { fuse } from '../core/ops/fuse.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { openDatabase } from '../db/open-database.js';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import { superviseSession } from '../services/worker/measure/supervise-session.js';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';
import { sendSteadily } from './send-steadily.js';

const CORE = 0;
const REQUESTS_PER_S = 200;
/** Pairs of sessions, without and with load, in turns. */
const PAIRS = 8;

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
    const quietNs: number[] = [];
    const loadedNs: number[] = [];
    const answersMs: number[] = [];
    await measureNs(0);
    for (let pair = 1; pair <= PAIRS; pair++) {
      quietNs.push(await measureNs(pair));
      const load = await startLoad(message.url);
      loadedNs.push(await measureNs(pair));
      answersMs.push(...(await load.stop()));
    }
    const shifts = loadedNs.map((loaded, i) => loaded / quietNs[i]! - 1);
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
      metric: 'what that load moves the measured latency by, median of pairs',
      value: 100 * Math.abs(percentile(shifts, 0.5)),
      unit: '%',
      goal: { atMost: 1 },
      detail: { pairs: shifts.map((shift) => Number((100 * shift).toFixed(2))) },
    });
    const reads = await readWhileLocked(message.url, folder);
    yield judged({
      bench: 'load',
      metric: 'GET /jobs, 100 a second while requests wait for a locked database, 99th percentile',
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
  const db = openDatabase(join(folder, 'lutra.db'));
  db.exec('BEGIN IMMEDIATE');
  const stop = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ device: 'bench', candidate: CANDIDATE });
  const refused: Promise<number>[] = [];
  const writing = setInterval(() => {
    const sent = fetch(`${url}/measure`, { method: 'POST', headers, body });
    refused.push(sent.then(({ status, body }) => body!.cancel().then(() => (status === 503 ? 1 : 0))));
  }, 50);
  const reading = sendSteadily(100, () => fetch(`${url}/jobs?limit=10`), stop.signal);
  await sleep(LOCKED_MS);
  clearInterval(writing);
  stop.abort();
  const answersMs = await reading;
  const sum = (await Promise.all(refused)).reduce((total, one) => total + one, 0);
  db.exec('ROLLBACK');
  db.close();
  return { answersMs, refused: sum };
}

/** One session of the network on the core. */
async function measureNs(seed: number): Promise<number> {
  const report = await superviseSession(
    {
      runtime: 'onnxruntime',
      threads: 1,
      seed,
      subjects: [{ kind: 'network', id: 'network', networkHash: '', network: NETWORK }],
      protocol: DEFAULT_PROTOCOL,
    },
    { cores: [CORE], signal: new AbortController().signal },
  );
  const terms = report.terms.find(({ subjectId }) => subjectId === 'network');
  if (terms === undefined) throw new Error('the network was not measured');
  return summarizeSubject(terms.terms, probesWithCauses(report)).latencyNs;
}

/** In a process of its own: this one reads what the measuring child says, and would keep answers waiting meanwhile. */
async function startLoad(url: string): Promise<{ stop(): Promise<readonly number[]> }> {
  const body = JSON.stringify({ devices: ['bench'], candidates: [CANDIDATE], ops: false });
  const entry = fileURLToPath(new URL('./steady-load.js', import.meta.url));
  const child = fork(entry, [`${url}/estimate`, String(REQUESTS_PER_S), body], { stdio: 'inherit' });
  await once(child, 'message');
  // An api that has just started compiles what it runs; who measures with one does so for hours.
  await sleep(WARM_UP_MS);
  return {
    stop: async () => {
      child.send('stop');
      const [answersMs] = (await once(child, 'message')) as [readonly number[]];
      return answersMs.slice(Math.floor((WARM_UP_MS * REQUESTS_PER_S) / 1000));
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
