import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { LeaseView } from '../../contracts/http/lease.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { setHidden } from './paired-device.js';
import { servedPages } from './served-pages.js';

const candidate = { zoo: 'mobilenet-v3-tiny' };

const pages = servedPages();

/** What a worker of `bench` asks for. @returns null when there is nothing to do */
async function lease(): Promise<LeaseView | null> {
  const answer = await pages.service.raw('POST', '/leases', {
    worker: 'w',
    device: 'bench',
    leaseMs: 60_000,
  });
  return answer.status === 204 ? null : ((await answer.json()) as LeaseView);
}

/** The worker was last heard of so much earlier. */
const silence = (ms: number) =>
  pages.t.db.prepare('UPDATE device SET last_seen_at_ms = last_seen_at_ms - ?').run(ms);

describe('the state of a device', () => {
  it('is the api’s word, however wrong the clock of the browser goes', async () => {
    await lease();
    await pages.browser.context.clock.install({ time: Date.now() + 300_000 });
    const { page } = await pages.browser.open(`${pages.service.url}/#/devices/bench`);
    await page.getByText('ready', { exact: true }).waitFor();
  });

  it('is asked for anew while the page is open: devices come and go without a word', async () => {
    await lease();
    await pages.browser.context.clock.install();
    const { page } = await pages.browser.open(`${pages.service.url}/#/devices`);
    await page.getByText('ready', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    // Less than what the service tells of.
    silence(30_000);
    await page.clock.runFor(15_500);
    await page.getByText('offline', { exact: true }).waitFor();
    await lease();
    await page.clock.runFor(15_500);
    await page.getByText('ready', { exact: true }).waitFor();
  });

  it.each(['#/', '#/devices', '#/devices/bench'])('follows its queue: %s', async (path) => {
    await lease();
    const { page } = await pages.browser.open(`${pages.service.url}/${path}`);
    await page.getByText('ready', { exact: true }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const { id } = await pages.service.measure('bench', candidate);
    const waiting = path === '#/devices/bench' ? '1 in the queue' : '1 waiting';
    await page.getByText(waiting).waitFor({ timeout: 8_000 });
    await lease();
    await page.getByText('busy', { exact: true }).waitFor({ timeout: 8_000 });
    await pages.service.call('DELETE', `/jobs/${id}`);
  });
});

/** How often pages asked for the stream of changes from now on. */
function streamsAsked(): () => number {
  let count = 0;
  pages.browser.context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/events') count++;
  });
  return () => count;
}

describe('pages out of sight hold no connection, of which a browser allows six', () => {
  it('when they were opened there', async () => {
    await pages.browser.context.addInitScript(
      "Object.defineProperty(document, 'hidden', { value: true, configurable: true })",
    );
    const asked = streamsAsked();
    for (let i = 0; i < 8; i++) {
      const { page } = await pages.browser.open(`${pages.service.url}/#/devices`);
      await page.getByText('never seen').waitFor();
    }
    expect(asked()).toBe(0);
    const page = pages.browser.context.pages().at(-1)!;
    await setHidden(page, false);
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('not for the timeline of a job either', async () => {
    const { id } = await pages.service.measure('bench', candidate);
    for (let i = 0; i < 7; i++) {
      const { page } = await pages.browser.open(`${pages.service.url}/#/jobs/${id}`);
      await page.getByText('Submitted').waitFor();
      await setHidden(page, true);
    }
    const first = pages.browser.context.pages().find((page) => page.url().includes(id))!;
    await lease();
    await setHidden(first, false);
    await first.getByText('Taken').waitFor();
    // Told from the beginning, and shown once.
    expect(await first.getByText('Submitted').count()).toBe(1);
  });

  it('nor does one whose stream was refused come back for it', async () => {
    await pages.browser.context.route('**/events', (route) => route.fulfill({ status: 503 }));
    const asked = streamsAsked();
    const { page } = await pages.browser.open(`${pages.service.url}/#/devices`);
    await page.getByText('Reconnecting').waitFor();
    await setHidden(page, true);
    const before = asked();
    await sleep(3_000);
    expect(asked()).toBe(before);
    await setHidden(page, false);
    await expect.poll(asked).toBeGreaterThan(before);
  });
});

describe('a read that failed', () => {
  const BUSY = {
    type: 'urn:lutra:error:unavailable',
    title: 'busy',
    status: 503,
    code: 'unavailable',
    detail: 'The database is busy.',
    retryable: true,
  };

  it.each([
    ['the api was out of reach', 'The service does not answer', null],
    ['the api had no time', BUSY.detail, BUSY],
  ])('is tried again, though nothing changed: %s', async (_, words, problem) => {
    await pages.browser.context.route('**/zoo', (route) =>
      problem === null ? route.abort() : route.fulfill({ status: 503, json: problem }),
    );
    const { page } = await pages.browser.open(`${pages.service.url}/#/explore`);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('alert').filter({ hasText: words }).first().waitFor();
    // The stream begins with a word to read everything anew: after that, nothing happens.
    await sleep(1_000);
    await pages.browser.context.unroute('**/zoo');
    await page.getByRole('alert').filter({ hasText: words }).waitFor({ state: 'detached' });
    await page.locator('option', { hasText: 'mobilenet-v2' }).first().waitFor({ state: 'attached' });
  });

  it('is no more asked for where the api refused it for good', async () => {
    let asked = 0;
    pages.browser.context.on('request', (request) => {
      if (request.url().endsWith('/jobs/job_none')) asked++;
    });
    const { page } = await pages.browser.open(`${pages.service.url}/#/jobs/job_none`);
    await page.getByRole('alert').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await sleep(1_000);
    const before = asked;
    await sleep(3_000);
    expect(asked).toBe(before);
  });

  it('is made up for when the stream is there again', async () => {
    const { page } = await pages.browser.open(`${pages.service.url}/#/devices`);
    await page.getByText('Live', { exact: true }).waitFor();
    await sleep(1_000);
    const read = page.waitForResponse((response) => response.url().endsWith('/devices'), { timeout: 8_000 });
    pages.t.app.server.closeAllConnections();
    await read;
  });
});

describe('whoever needs a token', () => {
  const token = (name: string, scope: 'read' | 'device') =>
    new TokenRepository(pages.t.db).create({ name, scope }).text;
  const signIn = async (page: Page, text: string) => {
    await page.getByLabel('Token', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  it('is not let in with one that may not look at anything, and is with another', async () => {
    const [board, reader] = [token('board-1', 'device'), token('reader', 'read')];
    const { page } = await pages.browser.open(`${pages.service.url}/#/`);
    await signIn(page, board);
    await page.getByRole('alert').filter({ hasText: 'board-1' }).waitFor();
    // The session is over: nothing of it is left after a reload.
    await page.reload();
    await signIn(page, reader);
    await page.getByText('Signed in as reader').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('who was let in so before is asked for another token, and asks for no more streams', async () => {
    const board = token('board-1', 'device');
    token('reader', 'read');
    const { headers } = await pages.service.raw('POST', '/session', { token: board });
    const [name = '', value = ''] = headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? [];
    await pages.browser.context.addCookies([{ name, value, url: pages.service.url }]);
    const asked = streamsAsked();
    const { page } = await pages.browser.open(`${pages.service.url}/#/`);
    await page.getByRole('alert').filter({ hasText: 'board-1' }).waitFor();
    await page.getByLabel('Token', { exact: true }).waitFor();
    const before = asked();
    await sleep(3_000);
    expect(asked()).toBe(before);
  });

  it('signs out, and in again with another token', async () => {
    const [first, second] = [token('first', 'read'), token('second', 'read')];
    const { page } = await pages.browser.open(`${pages.service.url}/#/`);
    await signIn(page, first);
    await page.getByText('Signed in as first').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    await page.reload();
    await signIn(page, second);
    await page.getByText('Signed in as second').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });
});
