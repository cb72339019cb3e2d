import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';
import { CHROMIUM, CHROMIUM_FLAGS } from './chromium.js';
import { longRun } from './long-run.js';

const ENTRIES = 50_000;
const RUN_ITERATIONS = 200;

/** The page in Chromium, by the browser's own figures: weight, time until it shows data, smoothness with much to show. */
export async function* benchPage(): AsyncIterable<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-bench-page-'));
  benchDatabase(join(folder, 'lutra.db'), manyKeys()).db.close();
  const entry = fileURLToPath(new URL('../services/api/server.js', import.meta.url));
  const server = fork(entry, ['--port', '0', '--data', folder], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: CHROMIUM_FLAGS,
  });
  try {
    const [{ url }] = (await once(server, 'message')) as [{ url: string }];
    yield* firstLoad(await browser.newPage(), url);
    yield* longTable(await browser.newPage(), url);
    yield* longAdaptation(await browser.newPage(), url);
  } finally {
    await browser.close();
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* firstLoad(page: Page, url: string): AsyncIterable<BenchLine> {
  await page.goto(url);
  await page.getByText('Recent results').waitFor();
  await page.locator('.row-name').first().waitFor();
  const interactiveMs = await page.evaluate<number>('performance.now()');
  const bytes = await page.evaluate<number>(
    `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({ name }) => !/\\/(events|jobs|devices|adaptations)/.test(name))
      .reduce((sum, { transferSize }) => sum + transferSize, 0)`,
  );
  yield judged({
    bench: 'page',
    metric: 'first load',
    value: bytes / 1000,
    unit: 'kB',
    goal: { atMost: 150 },
  });
  yield judged({
    bench: 'page',
    metric: 'until it shows data, from loopback',
    value: interactiveMs,
    unit: 'ms',
    goal: { atMost: 1_000 },
  });
}

async function* longTable(page: Page, url: string): AsyncIterable<BenchLine> {
  await page.goto(`${url}/#/table`);
  await page.getByText(`${ENTRIES.toLocaleString()} of ${ENTRIES.toLocaleString()}`).waitFor();
  const frames = await page.evaluate<number[]>(`(async () => {
    const frame = document.querySelector('.virtual');
    const gaps = [];
    let last = performance.now();
    for (let i = 0; i < 120; i++) {
      frame.scrollTop += 4000;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b);
  })()`);
  yield judged({
    bench: 'page',
    metric: `scrolling a table of ${ENTRIES} rows, 95 % of frames`,
    value: frames[Math.floor(frames.length * 0.95)]!,
    unit: 'ms',
    goal: { atMost: 50 },
    detail: { medianMs: frames[frames.length >> 1]! },
  });
  yield* searching(page);
}

/** From a key stroke in the search field to the next picture, as the browser's Event Timing tells it. */
async function* searching(page: Page): AsyncIterable<BenchLine> {
  await page.evaluate(`{
    window.strokes = [];
    new PerformanceObserver((list) => window.strokes.push(...list.getEntries()
      .filter(({ name }) => name === 'keydown').map(({ duration }) => duration)))
      .observe({ type: 'event', durationThreshold: 16 });
  }`);
  const text = '16x16x240>80';
  await page.getByLabel(/^Search/).pressSequentially(text, { delay: 120 });
  await page.waitForTimeout(500);
  const strokes = await page.evaluate<number[]>('window.strokes');
  yield judged({
    bench: 'page',
    metric: `a key stroke in the search of ${ENTRIES} rows, the slowest`,
    value: Math.max(0, ...strokes),
    unit: 'ms',
    goal: { atMost: 200 },
    detail: { strokes: text.length, slowerThan16Ms: strokes.length },
  });
}

/** The run is made up and handed to the page in place of the api's: two hundred iterations take hours to measure. */
async function* longAdaptation(page: Page, url: string): AsyncIterable<BenchLine> {
  const run = longRun(RUN_ITERATIONS);
  await page.route('**/adaptations/adp_long', (route) => route.fulfill({ json: run }));
  // Ends at once, so that the page asks again every second and reads everything anew.
  await page.route('**/events', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: 'retry: 500\nevent: reset\ndata: {}\n\n' }),
  );
  await page.goto(`${url}/#/adaptations/adp_long`);
  await page.locator('.chart .path').waitFor();
  const tasks = await page.evaluate<number[]>(`(async () => {
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: false });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return tasks;
  })()`);
  yield judged({
    bench: 'page',
    metric: `longest task while a run of ${RUN_ITERATIONS} iterations is updated`,
    value: Math.max(0, ...tasks),
    unit: 'ms',
    goal: { atMost: 200 },
    detail: {
      proposals: run.iterations.reduce((sum, { proposals }) => sum + proposals.length, 0),
      tasks: tasks.length,
    },
  });
}

function* manyKeys(): Iterable<string> {
  for (let i = 0; i < ENTRIES; i++) {
    const [size, input, output] = [
      7 + (i % 10),
      8 * (1 + (Math.floor(i / 10) % 50)),
      8 * (1 + Math.floor(i / 500)),
    ];
    yield `conv2d:${size}x${size}x${input}>${output}:k1x1:s1x1:relu:f32`;
  }
}
