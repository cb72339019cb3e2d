import { afterEach, beforeEach } from 'vitest';
import { startTestApp, type TestApp } from '../api/test-app.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { Service } from './paired-device.js';

/** A service and a browser that looks at it. */
export interface ServedPages {
  readonly t: TestApp;
  readonly service: Service;
  readonly browser: TestBrowser;
}

/** New ones for each test of a file. @returns what the test under way has */
export function servedPages(): ServedPages {
  let [t, service, browser]: [TestApp?, Service?, TestBrowser?] = [];
  beforeEach(async () => {
    t = await startTestApp();
    service = new Service(await t.app.listen({ port: 0, host: '127.0.0.1' }));
    browser = await startBrowser();
  });
  afterEach(async () => {
    await browser?.close();
    await t?.close();
  });
  return {
    get t() {
      return t!;
    },
    get service() {
      return service!;
    },
    get browser() {
      return browser!;
    },
  };
}
