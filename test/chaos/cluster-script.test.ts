import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { descendantsOf } from '../integration/process-tree.js';
import { until } from './cluster.js';

const SCRIPT = fileURLToPath(new URL('../../scripts/cluster.mjs', import.meta.url));
let script: ChildProcess | undefined;
afterEach(() => {
  script?.kill('SIGKILL');
});

it('runs the scaled-out topology from one command: both devices measure, and Ctrl-C leaves no process', async () => {
  const args = ['--port', '0', '--runtime', 'fake', '--data', temporaryDirectory(), '--json'];
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  script = child;
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, processes } = JSON.parse(line) as { url: string; processes: { name: string; pid: number }[] };
  expect(processes.map(({ name }) => name)).toEqual([
    'redis',
    'api',
    'netadapt',
    'worker-one',
    'worker-two',
    'trainer-0',
    'trainer-1',
  ]);
  const state = async (name: string) => {
    const response = await fetch(`${url}/devices/${name}`);
    return response.ok ? ((await response.json()) as { state: string }).state : 'unknown';
  };
  await until(async () => (await state('one')) === 'active' && (await state('two')) === 'active', 100);
  const accepted = await fetch(`${url}/measure`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ devices: ['one', 'two'], candidate: { zoo: 'mobilenet-v3-tiny' } }),
  });
  const { jobs } = (await accepted.json()) as { jobs: JobView[] };
  expect(jobs.map(({ device }) => device)).toEqual(['one', 'two']);
  const finished = async ({ id }: JobView) =>
    ((await (await fetch(`${url}/jobs/${id}`)).json()) as JobView).status === 'finished';
  for (const job of jobs) await until(() => finished(job), 100);

  const started = descendantsOf(child.pid!).map(({ pid }) => pid);
  expect(started).toEqual(expect.arrayContaining(processes.map(({ pid }) => pid)));
  const gone = once(child, 'exit');
  child.kill('SIGINT');
  expect((await gone)[0]).toBe(0);
  expect(started.filter(isAlive)).toEqual([]);
}, 120_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
