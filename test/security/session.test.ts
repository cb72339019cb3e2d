import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GuardedApp, startGuardedApp } from './guarded-app.js';

let t: GuardedApp;
beforeEach(async () => {
  t = await startGuardedApp();
});
afterEach(() => t.close());

const host = 'lutra.example:8787';
const logIn = (token: string, headers: Record<string, string> = {}) =>
  t.app.inject({ method: 'POST', url: '/session', headers: { host, ...headers }, payload: { token } });
const cookieOf = (setCookie: unknown) => String(setCookie).split(';')[0] ?? '';
const get = (url: string, cookie: string) => t.app.inject({ method: 'GET', url, headers: { host, cookie } });

describe('a browser session', () => {
  it('is a cookie that no script reads and no other site sends, with the rights of its token', async () => {
    const answer = await logIn(t.token('submit'));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      authenticated: true,
      name: 'submiter',
      scopes: ['read', 'submit'],
      device: null,
    });
    const setCookie = String(answer.headers['set-cookie']);
    expect(setCookie).toMatch(
      /^lutra_session=lutra_[0-9a-z]{10}_[0-9a-z]{52}; Path=\/; Max-Age=43(200|199); HttpOnly; SameSite=Strict$/,
    );
    expect(setCookie).not.toContain(t.token('submit'));
    expect((await get('/jobs', cookieOf(setCookie))).statusCode).toBe(200);
    const drain = await t.app.inject({
      method: 'POST',
      url: '/devices/x/drain',
      headers: { host, cookie: cookieOf(setCookie) },
    });
    expect(drain.json().code).toBe('forbidden');
  });

  it('is sent over TLS only where it came over TLS', async () => {
    const answer = await logIn(t.token('read'), { 'x-forwarded-proto': 'https' });
    expect(String(answer.headers['set-cookie'])).toMatch(/; Secure$/);
  });

  it('changes nothing at the wish of a page of another origin', async () => {
    const cookie = cookieOf((await logIn(t.token('admin'))).headers['set-cookie']);
    const inspect = (origin: string) =>
      t.app.inject({
        method: 'POST',
        url: '/inspect',
        headers: { host, cookie, origin },
        payload: { candidate: { zoo: 'mobilenet-v3-tiny' } },
      });
    expect((await inspect('http://lutra.example:9999')).json().code).toBe('forbidden');
    expect((await inspect(`http://${host}`)).statusCode).toBe(200);
  });

  it('ends by logging out, and with its token', async () => {
    const first = cookieOf((await logIn(t.token('read'))).headers['set-cookie']);
    const second = cookieOf((await logIn(t.token('read'))).headers['set-cookie']);
    const out = await t.app.inject({ method: 'DELETE', url: '/session', headers: { host, cookie: first } });
    expect(out.statusCode).toBe(204);
    expect(String(out.headers['set-cookie'])).toContain('lutra_session=; Path=/; Max-Age=0');
    expect((await get('/jobs', first)).statusCode).toBe(401);
    expect((await get('/jobs', second)).statusCode).toBe(200);
    const { id } = t.tokens.list().find(({ name }) => name === 'reader')!;
    t.tokens.revoke(id);
    expect((await get('/jobs', second)).statusCode).toBe(401);
    expect((await get('/session', second)).json()).toEqual({
      authenticated: false,
      name: null,
      scopes: [],
      device: null,
    });
  });

  it('cannot be drawn out by exchanging it for another', async () => {
    const first = cookieOf((await logIn(t.token('read'))).headers['set-cookie']).split('=')[1] ?? '';
    const second = cookieOf((await logIn(first)).headers['set-cookie']);
    expect((await get('/jobs', second)).statusCode).toBe(200);
    t.tokens.revoke(t.tokens.list().find(({ name }) => name === 'reader')!.id);
    expect((await get('/jobs', second)).statusCode).toBe(401);
  });

  it('needs a token', async () => {
    const answer = await logIn('lutra_nobody');
    expect(answer.json()).toMatchObject({ code: 'unauthorized', pointer: '/token' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});
