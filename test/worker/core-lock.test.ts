import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const LOCK = new URL('../../dist/services/worker/core-lock.js', import.meta.url).href;
let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lutra-core-lock-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process of its own with `lock`, `never`, `note(text)` and `sleep(ms)` at hand; notes carry a common clock. */
function start(script: string): ChildProcess {
  const log = join(folder, 'log');
  const source = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { CoreLock } from ${JSON.stringify(LOCK)};
    const lock = new CoreLock(${JSON.stringify(folder)}, 0);
    const never = new AbortController().signal;
    const note = (text) => appendFileSync(${JSON.stringify(log)}, process.hrtime.bigint() + ' ' + text + '\\n');
    const spin = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
    ${script}`;
  const file = join(folder, `script-${children.length}.mjs`);
  writeFileSync(file, source);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  return child;
}

function notes(): { atNs: bigint; text: string }[] {
  return readFileSync(join(folder, 'log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ atNs: BigInt(line.split(' ')[0]!), text: line.slice(line.indexOf(' ') + 1) }))
    .sort((a, b) => (a.atNs < b.atNs ? -1 : 1));
}

async function seen(text: string): Promise<void> {
  for (;;) {
    try {
      if (notes().some((note) => note.text === text)) return;
    } catch {
      // Nothing was noted yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('no training runs while a timed window is open: windows and slices of two processes never overlap', async () => {
  const trainer = start(`
    for (;;) { await lock.takeForTraining(never); note('train begin'); spin(3); note('train end'); await sleep(0); }`);
  await seen('train end');
  const worker = start(`
    for (let i = 0; i < 15; i++) {
      await lock.takeForMeasuring(never); note('measure begin'); spin(5); note('measure end'); lock.release();
      await sleep(10);
    }`);
  await once(worker, 'exit');
  trainer.kill('SIGKILL');
  let open: string | null = null;
  let windows = 0;
  let slicesAfterFirstWindow = 0;
  for (const { text } of notes()) {
    const [who, what] = text.split(' ') as [string, string];
    if (what === 'begin') {
      expect(open, `${who} began inside ${open}`).toBeNull();
      open = who;
      if (who === 'measure') windows++;
      else if (windows > 0) slicesAfterFirstWindow++;
    } else open = null;
  }
  expect(windows).toBe(15);
  expect(slicesAfterFirstWindow).toBeGreaterThan(0);
});

test('a waiting measurement gets the core before another trainer does', async () => {
  start(`await lock.takeForTraining(never); note('held'); await sleep(400); note('slice over');
    await lock.takeForTraining(never); note('trains again');`);
  await seen('held');
  start(
    `note('wants'); await lock.takeForMeasuring(never); note('measures'); await sleep(60); note('done'); lock.release();`,
  );
  start(`await sleep(100); await lock.takeForTraining(never); note('another trains'); lock.release();`);
  await seen('another trains');
  const order = notes().map(({ text }) => text);
  expect(order.indexOf('measures')).toBeGreaterThan(order.indexOf('slice over'));
  expect(order.indexOf('another trains')).toBeGreaterThan(order.indexOf('done'));
});

test('the lock ends with a holder that is killed', async () => {
  const holder = start(`await lock.takeForMeasuring(never); note('held'); await sleep(60000);`);
  await seen('held');
  start(`await lock.takeForTraining(never); note('got it');`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(notes().map(({ text }) => text)).not.toContain('got it');
  holder.kill('SIGKILL');
  await seen('got it');
});
