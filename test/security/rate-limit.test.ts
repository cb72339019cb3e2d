import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp } from '../api/test-app.js';
import { type GuardedApp, startGuardedApp } from './guarded-app.js';

let t: GuardedApp;
afterEach(() => t.close());

const get = (token: string | undefined, remoteAddress = '203.0.113.1') =>
  t.app.inject({
    method: 'GET',
    url: '/jobs',
    remoteAddress,
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });

describe('requests', () => {
  it('are limited for each token', async () => {
    t = await startGuardedApp({ limits: { requestsPerMinute: 3, refusalsPerMinute: 100 } });
    for (let i = 0; i < 3; i++) expect((await get(t.token('read'))).statusCode).toBe(200);
    const refused = await get(t.token('read'), '203.0.113.2');
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.json()).toMatchObject({ code: 'rate-limited', retryable: true });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1);
    expect((await get(t.token('submit'))).statusCode).toBe(200);
  });

  it('without a valid token are limited for each address', async () => {
    t = await startGuardedApp({ limits: { requestsPerMinute: 100, refusalsPerMinute: 3 } });
    for (const token of [undefined, 'nonsense', undefined]) expect((await get(token)).statusCode).toBe(401);
    const refused = await get('nonsense');
    expect(refused.json()).toMatchObject({ status: 429, code: 'rate-limited' });
    expect((await get('nonsense', '203.0.113.2')).statusCode).toBe(401);
    expect((await get(t.token('read'))).statusCode).toBe(200);
  });

  it('are counted where they come from when a proxy on this machine says so, and nobody else is believed', async () => {
    t = await startGuardedApp({ limits: { requestsPerMinute: 100, refusalsPerMinute: 1 } });
    const from = (remoteAddress: string, client: string) =>
      t.app.inject({ method: 'GET', url: '/jobs', remoteAddress, headers: { 'x-forwarded-for': client } });
    expect((await from('127.0.0.1', '198.51.100.1')).statusCode).toBe(401);
    expect((await from('127.0.0.1', '198.51.100.2')).statusCode).toBe(401);
    expect((await from('127.0.0.1', '198.51.100.1')).statusCode).toBe(429);
    expect((await from('203.0.113.5', '198.51.100.3')).statusCode).toBe(401);
    expect((await from('203.0.113.5', '198.51.100.4')).statusCode).toBe(429);
  });

  it.each(['/session', '/pairings/claim'])('that try secrets at %s are limited strictly', async (url) => {
    t = await startGuardedApp();
    const payload = url === '/session' ? { token: 'wrong' } : { code: 'AAAA-AAAA', device: 'phone' };
    const attempt = (remoteAddress: string) => t.app.inject({ method: 'POST', url, remoteAddress, payload });
    for (let i = 0; i < 10; i++) expect([401, 404]).toContain((await attempt('203.0.113.1')).statusCode);
    expect((await attempt('203.0.113.1')).statusCode).toBe(429);
    expect([401, 404]).toContain((await attempt('203.0.113.2')).statusCode);
  });
});

it('a machine without tokens does not limit itself', async () => {
  t = await startGuardedApp();
  const open = await startTestApp(undefined, { limits: { requestsPerMinute: 2, refusalsPerMinute: 2 } });
  try {
    for (let i = 0; i < 10; i++) expect((await open.get('/jobs')).statusCode).toBe(200);
  } finally {
    await open.close();
  }
});
