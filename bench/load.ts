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
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import { superviseSession } from '../services/worker/measure/supervise-session.js';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';

const CORE = 0;
const REQUESTS_PER_S = 200;
/** Pairs of sessions, without and with load, in turns. */
const PAIRS = 4;

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
      const stop = new AbortController();
      const load = sendSteadily(`${message.url}/estimate`, stop.signal);
      loadedNs.push(await measureNs(pair));
      stop.abort();
      answersMs.push(...(await load));
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
  } finally {
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
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

/** Open loop: a request is due when it is due, and waits for no answer. @returns how long each took from then */
async function sendSteadily(url: string, stop: AbortSignal): Promise<readonly number[]> {
  const body = JSON.stringify({ devices: ['bench'], candidates: [CANDIDATE], ops: false });
  const headers = { 'content-type': 'application/json' };
  const answersMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  const startMs = performance.now();
  for (let i = 0; !stop.aborted; i++) {
    const dueMs = startMs + (1000 * i) / REQUESTS_PER_S;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sent = fetch(url, { method: 'POST', headers, body })
      .then(async (answer) => {
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`POST /estimate answered ${answer.status}`);
        answersMs.push(performance.now() - dueMs);
      })
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return answersMs;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
