import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { startGuardedApp } from './guarded-app.js';

it('no secret is in a log or in a file, whatever is done with it', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const t = await startGuardedApp({ logger });
  onTestFinished(() => t.close());
  const token = t.token('submit');
  const authorization = `Bearer ${token}`;
  const send = (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    headers: Record<string, string>,
    payload?: object,
  ) => t.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });

  const loggedIn = await send('POST', '/session', {}, { token });
  const cookie = String(loggedIn.headers['set-cookie']).split(';')[0] ?? '';
  const session = cookie.split('=')[1] ?? '';
  await send('GET', '/jobs', { cookie });
  await send('GET', `/jobs?token=${token}`, { authorization });
  await send('GET', `/jobs/${token}`, { authorization });
  await send('GET', '/jobs', { authorization: `${authorization.slice(0, -1)}!` });
  await send('POST', '/measure', { authorization, 'content-type': 'application/json' }, { token });
  const { code } = (await send('POST', '/pairings', { authorization })).json();
  const claimed = (await send('POST', '/pairings/claim', {}, { code, device: 'phone' })).json();
  await send('POST', '/pairings/claim', {}, { code, device: 'phone' });
  await send('DELETE', '/session', { cookie });

  expect(session).toMatch(/^lutra_/);
  expect(claimed.token).toMatch(/^lutra_/);
  expect(lines.length).toBeGreaterThan(8);
  const log = lines.join('');
  expect(log).toContain('"by":"submiter"');
  const secrets = { token, session, device: claimed.token, code, digits: code.replace('-', '') };
  const files = readdirSync(t.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1'));
  for (const [name, secret] of Object.entries(secrets)) {
    const hidden = name === 'code' || name === 'digits' ? secret : secret.slice(-52);
    expect(log, `${name} in the log`).not.toContain(hidden);
    for (const file of files) expect(file.includes(hidden), `${name} in a file`).toBe(false);
  }
  // The files were looked at where the tokens are: their hashes are there.
  const hash = createHash('sha256').update(token).digest().toString('latin1');
  expect(files.some((file) => file.includes(hash))).toBe(true);
});
