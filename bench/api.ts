import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fuse } from '../core/ops/fuse.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';
import { medianMs } from './timing.js';

const BATCH = 1_000;
/** A thousand different candidates: 50 widths at 20 resolutions. */
const OPTIONS = Array.from({ length: BATCH }, (_, i) => ({
  width: Number((0.25 + (i % 50) * 0.03).toFixed(2)),
  resolution: 64 + 16 * Math.floor(i / 50),
}));

/** Estimates through the api, and its memory at rest, in a process of its own. */
export async function* benchApi(): AsyncIterable<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-bench-'));
  const keys = new Set(
    OPTIONS.flatMap((options) => fuse(buildZooNetwork('mobilenet-v3-large', options)).map(({ key }) => key)),
  );
  benchDatabase(join(folder, 'lutra.db'), keys).db.close();
  const entry = fileURLToPath(new URL('../services/api/server.js', import.meta.url));
  const server = fork(entry, ['--port', '0', '--data', folder], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  try {
    const [message] = (await once(server, 'message')) as [{ url?: string; message?: string }];
    if (message.url === undefined) throw new Error(`the api did not start: ${message.message}`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const rssMb = residentMb(server.pid!);
    if (rssMb !== null) {
      yield judged({
        bench: 'api',
        metric: 'resident at rest',
        value: rssMb,
        unit: 'MB',
        goal: { atMost: 200 },
      });
    }
    const body = JSON.stringify({
      devices: ['bench'],
      candidates: OPTIONS.map((options) => ({ zoo: 'mobilenet-v3-large', options })),
      ops: false,
    });
    const requestMs = await medianMs(() => estimate(`${message.url}/estimate`, body), 5, 2);
    yield judged({
      bench: 'api',
      metric: `POST /estimate, a network of a batch of ${BATCH}`,
      value: requestMs / BATCH,
      unit: 'ms',
      goal: { atMost: 1 },
    });
  } finally {
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function estimate(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { estimates } = (await answer.json()) as { estimates?: { latencyMs: number | null }[] };
  if (estimates?.length !== BATCH || estimates.some(({ latencyMs }) => latencyMs === null)) {
    throw new Error(`POST /estimate answered ${answer.status} without all latencies`);
  }
}

/** From the kernel; null where it does not say. */
function residentMb(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return null;
  }
}
