import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { JobView } from '../../contracts/http/job-view.js';
import type { TestBrowser, WatchedPage } from './browser.js';

/** A browser's page that was paired as the named device and waits for work. */
export async function pairDevice(
  browser: TestBrowser,
  options: {
    readonly pageUrl: string;
    readonly code: string;
    readonly device: string;
    readonly runtime?: string;
    readonly threads?: number;
  },
): Promise<WatchedPage> {
  const watched = await browser.open(`${options.pageUrl}/device#${options.code}`);
  const { page } = watched;
  await page.getByLabel('Name of the device').fill(options.device);
  if (options.runtime !== undefined) await page.getByLabel('Measure with').selectOption(options.runtime);
  if (options.threads !== undefined) await page.getByLabel('Threads').fill(String(options.threads));
  await page.getByRole('button', { name: 'Pair' }).click();
  await untilState(page, 'waiting');
  return watched;
}

export async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`[data-state="${state}"]`).waitFor({ timeout: 60_000 });
}

/** What a browser tells a page that goes out of sight. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

export class Service {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.raw(method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  raw(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async code(): Promise<string> {
    return (await this.call<{ code: string }>('POST', '/pairings')).code;
  }

  async measure(device: string, candidate: unknown, fields: object = {}): Promise<JobView> {
    return (await this.call<{ job: JobView }>('POST', '/measure', { device, candidate, ...fields })).job;
  }

  /**
   * Asks again for ops that a disturbance left without a figure, as whoever builds a table does: a browser on a crowded machine
   * sees none of what takes its core.
   * @returns the last job
   */
  async measureAll(device: string, candidate: unknown, fields: object = {}): Promise<JobView> {
    for (let asked = 1; ; asked++) {
      const job = await this.untilFinished((await this.measure(device, candidate, fields)).id);
      const ops = job.result?.kind === 'measure' ? job.result.ops : [];
      if (asked === 3 || ops.every(({ failure }) => failure === null)) return job;
    }
  }

  job(id: string): Promise<JobView> {
    return this.call('GET', `/jobs/${id}`);
  }

  async untilFinished(id: string, limitMs = 150_000): Promise<JobView> {
    const startMs = Date.now();
    for (;;) {
      const job = await this.job(id);
      if (job.status === 'finished') return job;
      if (Date.now() - startMs > limitMs) throw new Error(`job ${id} is ${job.status} after ${limitMs} ms`);
      await sleep(200);
    }
  }
}
