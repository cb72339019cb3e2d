import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import { openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { RunningService } from '../integration/running-service.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { pairDevice } from './paired-device.js';

let data: string;
let token: string;
let serving: RunningService;
let browser: TestBrowser;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'lutra-https-'));
  const db = openDatabase(join(data, 'lutra.db'));
  ({ text: token } = new TokenRepository(db).create({ name: 'test', scope: 'admin' }));
  db.close();
  serving = await RunningService.start(data, {}, ['--https']);
  browser = await startBrowser({ ignoreHTTPSErrors: true });
});
afterAll(async () => {
  await browser?.close();
  await serving?.stop();
  rmSync(data, { recursive: true, force: true });
});

it('serve --https: the page says how a machine comes to trust the certificate', async () => {
  const page = await browser.context.newPage();
  await page.goto(serving.url);
  await page.evaluate(
    `fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: '${token}' }) })`,
  );
  await page.goto(`${serving.url}/#/devices`);
  // Another fragment alone loads nothing anew.
  await page.reload();
  const command = `lutra worker --server ${serving.url} --device my-board --ca certificate.pem`;
  await page.getByText(command).waitFor();
  await page.getByText('lies in tls of the data folder').waitFor();
  await page.close();
}, 60_000);

/** The api, asked by a page of its own origin: Node does not trust the certificate. */
async function ask<T>(method: 'GET' | 'POST', path: string): Promise<T> {
  const page = await browser.context.newPage();
  await page.goto(serving.url);
  const answer = await page.evaluate<string>(
    `fetch('${path}', { method: '${method}', headers: { authorization: 'Bearer ${token}' } }).then((answer) => answer.text())`,
  );
  await page.close();
  return JSON.parse(answer) as T;
}

it('serve --https: a page under a name of the network is isolated, with the fine clock and threads', async () => {
  expect(serving.url).toMatch(/^https:/);
  const { code } = await ask<{ code: string }>('POST', '/pairings');
  // Over plain HTTP this name would be no secure origin, as any address of a network.
  const pageUrl = serving.url.replace('127.0.0.1', 'lutra.test');
  const { page } = await pairDevice(browser, { pageUrl, code, device: 'phone' });
  expect(await page.evaluate('[isSecureContext, crossOriginIsolated]')).toEqual([true, true]);
  const { environment } = await ask<DeviceView>('GET', '/devices/phone');
  expect(environment?.flags).toMatchObject({ isolation: 'isolated', timerStepUs: '5' });
  expect(await page.getByText('Clock step').locator('xpath=following-sibling::dd[1]').textContent()).toBe(
    '5 µs',
  );
});
