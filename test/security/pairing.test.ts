import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { PairingRepository } from '../../db/repositories/pairings.js';
import { type GuardedApp, startGuardedApp } from './guarded-app.js';

let t: GuardedApp;
beforeEach(async () => {
  t = await startGuardedApp();
});
afterEach(() => t.close());

const pair = (scope: 'submit' | 'read' | 'device' = 'submit') =>
  t.app.inject({
    method: 'POST',
    url: '/pairings',
    headers: { authorization: `Bearer ${t.token(scope)}` },
  });
const claim = (code: string, device: string) =>
  t.app.inject({ method: 'POST', url: '/pairings/claim', payload: { code, device } });

describe('a pairing code', () => {
  it('becomes a token of one new device, once', async () => {
    const made = await pair();
    expect(made.statusCode).toBe(201);
    const { code, expiresAtMs } = made.json();
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(expiresAtMs - Date.now()).toBeGreaterThan(9 * 60_000);
    expect(expiresAtMs - Date.now()).toBeLessThanOrEqual(10 * 60_000);
    const claimed = await claim(code.toLowerCase().replace('-', ''), 'phone');
    expect(claimed.statusCode).toBe(201);
    const row = t.tokens.authenticate(claimed.json().token);
    expect(row).toMatchObject({ scope: 'device', device: 'phone', name: 'phone, paired by submiter' });
    const again = await claim(code, 'other');
    expect(again.json()).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('stays valid when the name is taken', async () => {
    new DeviceRepository(t.db).register({ name: 'bench', runtime: 'fake', options: { threads: 1 } });
    const { code } = (await pair()).json();
    expect((await claim(code, 'bench')).json()).toMatchObject({ code: 'conflict', pointer: '/device' });
    expect((await claim(code, 'phone')).statusCode).toBe(201);
    const second = (await pair()).json().code;
    expect((await claim(second, 'phone')).json().code).toBe('conflict');
  });

  it('is made by who may submit only', async () => {
    expect((await pair('read')).statusCode).toBe(403);
    expect((await pair('device')).statusCode).toBe(403);
  });

  it('is refused when it is unknown or malformed', async () => {
    expect((await claim('AAAA-AAAA', 'phone')).statusCode).toBe(404);
    expect((await claim('short', 'phone')).json()).toMatchObject({ status: 400, pointer: '/code' });
  });

  it('ends after ten minutes', () => {
    let nowMs = 1_700_000_000_000;
    const pairings = new PairingRepository(t.db, () => nowMs);
    const late = pairings.create('me');
    nowMs += 10 * 60_000;
    expect(() => pairings.claim(late.code, 'phone')).toThrow('unknown, used or too old');
    const early = pairings.create('me');
    nowMs += 10 * 60_000 - 1;
    expect(pairings.claim(early.code, 'phone')).toMatch(/^lutra_/);
  });

  it('registers its own device and no other', async () => {
    const { token } = (await claim((await pair()).json().code, 'phone')).json();
    const register = (name: string) =>
      t.app.inject({
        method: 'POST',
        url: '/devices',
        headers: { authorization: `Bearer ${token}` },
        payload: { name, runtime: 'fake' },
      });
    expect((await register('bench')).json().code).toBe('forbidden');
    expect((await register('phone')).statusCode).toBe(201);
  });
});
