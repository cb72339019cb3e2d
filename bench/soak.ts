import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRng } from '../core/random.js';
import { type BenchLine, judged } from './bench-line.js';
import { benchRedis } from './redis-server.js';

/** `LUTRA_SOAK_SECONDS=600` for the whole of it. */
const SECONDS = Number(process.env.LUTRA_SOAK_SECONDS ?? 40);
const SEED = Number(process.env.LUTRA_SOAK_SEED ?? 1);
const DEVICES = ['one', 'two'];
/** Start-up is no leak: the slope is taken from here on. */
const SETTLED_SHARE = 0.4;

const entry = (path: string) => fileURLToPath(new URL(`../services/${path}`, import.meta.url));

interface Sample {
  readonly atMs: number;
  readonly rssMb: number;
  readonly handles: number;
}

/** An api under steady work while its workers are killed at random: whether its memory and open handles grow. */
export async function* benchSoak(): AsyncIterable<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-soak-'));
  const redis = await benchRedis();
  const env = { ...process.env, ...(redis === null ? {} : { REDIS_URL: redis.url }) };
  const api = fork(entry('api/server.js'), ['--port', '0', '--data', folder], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env,
  });
  const workers: ChildProcess[] = [];
  try {
    const [{ url }] = (await once(api, 'message')) as [{ url: string }];
    const start = (device: string): ChildProcess =>
      fork(
        entry('worker/main.js'),
        ['--server', url, '--device', device, '--runtime', 'fake', '--lease-ms', '2000'],
        {
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        },
      );
    for (const device of DEVICES) workers.push(start(device));
    const rng = seededRng(SEED);
    const samples: Sample[] = [];
    const endAtMs = performance.now() + SECONDS * 1_000;
    let kills = 0;
    let jobs = 0;
    for (let tick = 0; performance.now() < endAtMs; tick++) {
      if ((await waiting(url)) < 20) jobs += await submit(url, 1 + Math.floor(20 * rng()));
      if (tick > 0 && tick % 8 === 0) {
        const victim = Math.floor(DEVICES.length * rng());
        workers[victim]!.kill('SIGKILL');
        workers[victim] = start(DEVICES[victim]!);
        kills++;
      }
      samples.push(sampleOf(api.pid!));
      await sleep(500);
    }
    const settled = samples.slice(Math.floor(samples.length * SETTLED_SHARE));
    const detail = {
      seconds: SECONDS,
      seed: SEED,
      jobs,
      kills,
      queue: redis === null ? 'embedded' : 'BullMQ',
    };
    yield judged({
      bench: 'soak',
      metric: 'growth of the api',
      value: slopePerMinute(settled),
      unit: 'MB/min',
      // Half a minute says little about a collector that runs when it likes.
      ...(SECONDS >= 300 ? { goal: { atMost: 1 } } : {}),
      detail: { ...detail, firstMb: settled[0]!.rssMb, lastMb: settled.at(-1)!.rssMb },
    });
    yield judged({
      bench: 'soak',
      metric: 'open handles of the api, most at the end against most before',
      value: mostHandles(settled.slice(-10)) - mostHandles(settled.slice(0, 10)),
      unit: 'count',
      goal: { atMost: 5 },
      detail: { ...detail, last: settled.at(-1)!.handles },
    });
  } finally {
    for (const child of [...workers, api]) child.kill('SIGKILL');
    redis?.close();
    await sleep(200);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function waiting(url: string): Promise<number> {
  const answer = await fetch(`${url}/jobs?status=queued&limit=100`);
  return ((await answer.json()) as { jobs: unknown[] }).jobs.length;
}

/** Networks of the same size, all different: every job measures one. @returns how many jobs were accepted */
async function submit(url: string, multiplier: number): Promise<number> {
  const answer = await fetch(`${url}/measure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      devices: DEVICES,
      candidate: { zoo: 'mobilenet-v3-tiny', options: { width: 0.5 + multiplier / 20 } },
    }),
  });
  return answer.status === 202 ? DEVICES.length : 0;
}

function sampleOf(pid: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    atMs: performance.now(),
    rssMb: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

function mostHandles(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ handles }) => handles));
}

/** Least squares. */
function slopePerMinute(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = samples.map(({ atMs }) => atMs / 60_000);
  const meanMinutes = mean(minutes);
  const meanMb = mean(samples.map(({ rssMb }) => rssMb));
  const above = samples.reduce(
    (sum, { rssMb }, i) => sum + (minutes[i]! - meanMinutes) * (rssMb - meanMb),
    0,
  );
  return above / minutes.reduce((sum, minute) => sum + (minute - meanMinutes) ** 2, 0);
}
