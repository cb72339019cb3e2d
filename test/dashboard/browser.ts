import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_FLAGS } from '../../bench/chromium.js';

const FLAGS = [
  ...CHROMIUM_FLAGS,
  // A host that is no secure origin, on this machine.
  '--host-resolver-rules=MAP lutra.test 127.0.0.1',
];

export interface TestBrowser {
  readonly context: BrowserContext;
  /** Opens a page whose console errors and foreign requests are collected. */
  open(url: string): Promise<WatchedPage>;
  close(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, exceptions, requests to other hosts. */
  readonly complaints: readonly string[];
}

export type View = Parameters<typeof chromium.launchPersistentContext>[1];

/** Real Chromium with a profile of its own. */
export async function startBrowser(view: View = {}): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'lutra-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    ...view,
  });
  return {
    context,
    open: async (url) => {
      const page = await context.newPage();
      const complaints: string[] = [];
      const { host } = new URL(url);
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
      page.on('request', (request) => {
        const { protocol, host: asked } = new URL(request.url());
        if (['http:', 'https:'].includes(protocol) && asked !== host)
          complaints.push(`request: ${request.url()}`);
      });
      await page.goto(url);
      return { page, complaints };
    },
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
