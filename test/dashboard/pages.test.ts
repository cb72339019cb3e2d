import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { JobList, JobView } from '../../contracts/http/job-view.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { everyPage, PAGE_NAMES, type ShownPage } from './page-list.js';
import { pairDevice, setHidden } from './paired-device.js';
import { photograph } from './photograph.js';
import { type Seeded, seedService } from './seed.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWS = {
  '1280': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  '390': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
} as const;

let seeded: Seeded;
beforeAll(async () => {
  seeded = await seedService();
}, 300_000);
afterAll(() => seeded?.stop());

const pageNamed = (name: string): ShownPage => everyPage(seeded).find((page) => page.name === name)!;

async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`);
}

/** Pixels that the page is wider than the window. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

async function opened(browser: TestBrowser, name: string) {
  const { path, ready } = pageNamed(name);
  const watched = await browser.open(seeded.url + path);
  // Each open page holds a stream, of which a browser allows six.
  onTestFinished(() => watched.page.close());
  await watched.page.locator(ready).first().waitFor();
  return watched;
}

describe.each(['1280', '390'] as const)('every page, %s pixels wide', (width) => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser(VIEWS[width]);
  });
  afterAll(() => browser.close());

  it.each(PAGE_NAMES)('%s', async (name) => {
    const { page, complaints } = await opened(browser, name);
    expect(await overflow(page)).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    // Asking for what there is not is answered with 404, which the browser notes on its console.
    const refused = name === 'unknown-job' ? /status of 404/ : /^$/;
    expect(complaints.filter((complaint) => !refused.test(complaint))).toEqual([]);
    await photograph(page, name, width);
  });

  it('a browser that is a device', async () => {
    const code = await seeded.service.code();
    const device = width === '390' ? 'pixel' : 'laptop';
    const { page, complaints } = await pairDevice(browser, { pageUrl: seeded.url, code, device });
    expect(await overflow(page)).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await photograph(page, 'browser-device', width);
    await page.close();
  });
});

describe('what a page does', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await startBrowser({ ...VIEWS['1280'], acceptDownloads: true });
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await seeded.service.call('DELETE', `/jobs/${seeded.running.id}`);
    await seeded.service.untilFinished(seeded.running.id);
  });
  afterAll(() => browser.close());

  it('is reached by keyboard alone, from the skip link to a job', async () => {
    const { page } = await opened(browser, 'overview');
    const focused = () => page.evaluate<string>('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.keyboard.press('Shift+Tab');
    // Backwards through the bar, last link first.
    for (const name of ['Devices', 'Adapt', 'Explore', 'Table', 'Jobs']) {
      expect(await focused()).toBe(name);
      if (name !== 'Jobs') await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
    await page.locator('.rows a.row-name').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    expect(page.url()).toMatch(/#\/jobs\/job_/);
  });

  it('explore: a slider moves the estimates of every device', async () => {
    const { page } = await opened(browser, 'explore');
    const figure = (device: string) =>
      page
        .locator('li', { has: page.getByRole('link', { name: device, exact: true }) })
        .locator('.figure.big');
    const before = [await figure('local').textContent(), await figure('board').textContent()];
    // Of the last position of the slider, not of one on the way there.
    const answered = page.waitForResponse(
      (response) =>
        response.url().endsWith('/estimate') &&
        response.request().postData()?.includes('"width":0.75') === true,
    );
    const width = page.getByLabel('Width');
    await width.focus();
    for (let i = 0; i < 5; i++) await width.press('ArrowLeft');
    await expect.poll(() => page.locator('.slider-label b').first().textContent()).toBe('× 0.75');
    await expect.poll(() => figure('local').textContent()).not.toBe(before[0]);
    await expect.poll(() => figure('board').textContent()).not.toBe(before[1]);
    // The address holds the choice: whoever opens it sees the same.
    await (await answered).finished();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const after = await figure('local').textContent();
    await page.reload();
    await expect.poll(() => figure('local').textContent()).toBe(after);
    expect(Number.parseFloat((await figure('local').textContent())!)).toBeGreaterThan(0);
  });

  it('explore: a pasted document is estimated, and a broken one says why', async () => {
    const { page } = await opened(browser, 'explore');
    await page.getByLabel('From').selectOption('');
    const paste = page.locator('textarea');
    await paste.fill('{ "nodes": 3 }');
    await page.getByRole('alert').waitFor();
    const answer = await fetch(`${seeded.url}/adaptations/${seeded.adaptation.id}/network?which=seed`);
    const { network } = (await answer.json()) as { network: unknown };
    await paste.fill(JSON.stringify(network));
    await page.getByRole('alert').waitFor({ state: 'detached' });
    const local = page.locator('li', { has: page.getByRole('link', { name: 'local', exact: true }) });
    await expect.poll(() => local.locator('.figure.big').textContent()).toMatch(/^\d/);
  });

  it('device: drain and resume', async () => {
    const { page } = await opened(browser, 'device');
    await page.getByRole('button', { name: 'Drain' }).click();
    await page.getByText('drained', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('ready', { exact: true }).waitFor();
  });

  it('devices: a pairing code, with its address as a QR code and what is left of its time', async () => {
    const { page } = await opened(browser, 'devices');
    await page.getByRole('button', { name: 'Make a code' }).click();
    const code = (await page.locator('.pairing-code').textContent())!;
    expect(code).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    const address = `${seeded.url}/device#${code}`;
    expect(await page.getByRole('img', { name: 'QR code' }).getAttribute('aria-label')).toContain(address);
    await page.getByText(/9\smin\s\d+\ss left/).waitFor();
    await page.getByRole('button', { name: 'Copy the address' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);
  });

  it('table: search, order, and the same entries as CSV', async () => {
    const { page } = await opened(browser, 'table');
    const rows = page.getByRole('region', { name: 'Entries of the latency table' }).locator('tbody th code');
    await page.getByLabel(/^Search/).fill('depthwise k5x5');
    await expect
      .poll(async () => (await rows.allTextContents()).every((key) => /^depthwise.*k5x5/.test(key)))
      .toBe(true);
    expect(await rows.count()).toBeGreaterThan(3);
    await page.getByLabel('Order').selectOption('latency');
    const figures = await page
      .getByRole('region', { name: 'Entries of the latency table' })
      .locator('tbody td:nth-of-type(1)')
      .allTextContents();
    const latencies = figures.map(Number);
    expect(latencies).toEqual(latencies.toSorted((a, b) => b - a));
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines[0]).toContain('key');
    const { entryCount } = await seeded.service.call<{ entryCount: number }>(
      'GET',
      '/latency-table?device=local&limit=1',
    );
    expect(lines.length).toBe(1 + entryCount);
  });

  it('table: what was measured and what estimates take from its neighbours are told apart', async () => {
    const { page } = await opened(browser, 'table');
    await page.getByLabel('Op, without its channels').selectOption('conv2d:24x24x·>·:k1x1:s1x1:relu:f32');
    await page.getByLabel('at input channels').selectOption('40');
    const stairs = page.locator('.chart .stairs');
    const titles = (source: string) => stairs.locator(`.${source} title`).allTextContents();
    // The device rounds up to blocks of 8.
    await expect.poll(() => titles('snapped')).toContainEqual(expect.stringContaining('12 channels'));
    // 68 is computed as 72, which is not measured either.
    // The chart of the first choice has such a snapped width, too: this one's may come after it.
    const interpolated = async () => (await titles('interpolated')).map((title) => title.split(':')[0]);
    await expect.poll(interpolated).toEqual(['68 channels', '72 channels', '100 channels', '104 channels']);
    expect(await titles('measured')).toHaveLength(14);
  });

  it('table: two environments of one device, with what differs in bold', async () => {
    const { page } = await opened(browser, 'table');
    await page.getByLabel('Beside').selectOption(`local@${seeded.earlierEnvironment.slice(0, 12)}`);
    await page.locator('.chart .series-1').first().waitFor();
    const differing = page.locator('.facts-beside .differs th');
    await expect.poll(() => differing.allTextContents()).toContain('Macs per ns');
    expect(await differing.allTextContents()).not.toContain('Processor');
    // Twelve ops of the earlier table, and each of them slower then.
    await page.getByLabel(/^Search/).fill('conv2d:96x96x3');
    const beside = page.locator('tbody td.number.soft', { hasText: '%)' });
    expect(await beside.first().textContent()).toMatch(/\(\+\d+\s%\)/);
  });

  it('a job that is submitted appears at once, runs with its figure so far, and is cancelled, then done again', async () => {
    const { page } = await opened(browser, 'overview');
    // Gone if the page were loaded anew.
    await page.evaluate('window.stillTheSame = true');
    const { id } = await seeded.startLongJob();
    const running = page.locator('section', { has: page.getByRole('heading', { name: 'Running' }) });
    await running.locator(`a[href="#/jobs/${id}"]`).waitFor();
    await expect
      .poll(() => running.textContent(), { timeout: 20_000 })
      .toMatch(/so far [\d.]+\s[mµ]s\s+[\d.]+ – /);
    expect(await page.evaluate('window.stillTheSame')).toBe(true);
    await running.locator(`a[href="#/jobs/${id}"]`).click();
    await page.getByText('So far, 95 % interval').waitFor();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `curl -sN ${seeded.url}/jobs/${id}/events`,
    );
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.badge', { hasText: 'cancelled' }).waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect.poll(() => page.url()).not.toContain(id);
    const again = page.url().split('/').at(-1)!;
    expect(await seeded.service.job(again)).toMatchObject({
      device: 'board',
      subject: seeded.measured.subject,
    });
    await seeded.service.call('DELETE', `/jobs/${again}`);
    await seeded.service.untilFinished(again);
  });

  it('a job: samples by class, its session’s checks, and the timeline of every attempt', async () => {
    const { page } = await opened(browser, 'job');
    const checks = page.locator('section', {
      has: page.getByRole('heading', { name: /^Verdict of session/ }),
    });
    const { result } = await seeded.service.job(seeded.measured.id);
    const sessionId = result?.kind === 'measure' ? result.sessionId : null;
    const session = await seeded.service.call<{ checks: { name: string; state: string }[] }>(
      'GET',
      `/sessions/${sessionId}`,
    );
    expect(session.checks.length).toBeGreaterThan(0);
    for (const { name, state } of session.checks) {
      const row = checks.locator('li', { hasText: name.replaceAll('-', ' ') });
      expect(await row.locator('.badge').textContent()).toBe(state);
    }
    const samples = page.locator('.chart .sample');
    const shownFirst = await samples.count();
    await page.locator('label', { hasText: /^Of/ }).locator('select').selectOption({ index: 1 });
    await expect.poll(() => page.locator('.chart .sample.counted').count()).toBeGreaterThan(0);
    expect(shownFirst).toBeGreaterThan(20);
    expect(await page.locator('ol.rows').textContent()).toMatch(/Submitted.*Taken.*Ended/);
    expect(await page.locator('dl.facts').first().textContent()).toMatch(
      /Latency \(steady\), 95 % interval.*Opening.*First run.*With interruptions/,
    );
  });

  it('an adaptation: every limit of its budget, its decisions, and the network as ONNX and JSON', async () => {
    const { page } = await opened(browser, 'adaptation');
    const budget = page.locator('section', {
      has: page.getByRole('heading', { name: 'Budget', exact: true }),
    });
    const text = (await budget.textContent())!;
    for (const words of [
      'latency on local',
      'latency on board',
      'parameters',
      'least by widths',
      'On board, ',
    ])
      expect(text).toContain(words);
    await page.locator('summary', { hasText: 'proposals' }).first().click();
    await page.getByRole('cell', { name: 'chosen' }).first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'ONNX' }).first().click();
    expect(readFileSync(await (await download).path()).length).toBeGreaterThan(1_000);
  });

  it('a new adaptation is started from the form, cancelled and resumed', async () => {
    const { page } = await opened(browser, 'adaptations');
    await page.locator('select[name=device]').selectOption('local');
    await page.getByLabel('Data set').fill('/nowhere');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Data set').fill('mnist');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    const id = page.url().split('/').at(-1)!;
    await expect.poll(async () => (await unfinishedJobs(id)).length, { timeout: 20_000 }).toBe(0);
  });

  it('overview: a job of many networks leaves room beside its name', async () => {
    const candidates = [0.5, 0.6, 0.75, 0.85, 1].map((width) => ({
      zoo: 'mobilenet-v3-small',
      options: { width, resolution: 96 },
    }));
    const body = { device: 'local', candidates, protocol: { minVisits: 3, maxVisits: 4 } };
    const { job } = await seeded.service.call<{ job: JobView }>('POST', '/measure', body);
    await seeded.service.untilFinished(job.id);
    const { page } = await opened(browser, 'overview');
    const row = page.locator('.rows.lined > li', { has: page.locator(`a[href$="${job.id}"]`) });
    expect((await row.locator('.row-note').boundingBox())!.width).toBeGreaterThan(100);
  });

  it('rests out of sight, and catches up once it is seen again', async () => {
    const { page } = await opened(browser, 'overview');
    await setHidden(page, true);
    // What it heard of before is read within this time.
    await sleep(1_500);
    const { id } = await seeded.service.measure('phone', { zoo: 'mobilenet-v3-tiny' });
    const link = page.locator(`a[href="#/jobs/${id}"]`);
    // Longer than the page takes to show a change that it hears of.
    await sleep(2_000);
    expect(await link.count()).toBe(0);
    await setHidden(page, false);
    await link.waitFor();
    await seeded.service.call('DELETE', `/jobs/${id}`);
  });

  it('says that it is cut off, and is live again by itself', async () => {
    const { page } = await opened(browser, 'overview');
    seeded.killApi();
    await page.getByText('Reconnecting').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });
});

async function unfinishedJobs(adaptation: string): Promise<readonly JobView[]> {
  await sleep(100);
  return (await seeded.service.call<JobList>('GET', `/jobs?unfinished=true&adaptation=${adaptation}`)).jobs;
}
