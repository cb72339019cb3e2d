import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMPLIED_SCOPES, type Scope } from '../../contracts/scope.js';
import { openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import type { RouteDemand } from '../../services/api/security/require-scopes.js';
import { scopesThatOpen } from '../../services/api/security/route-scope.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { type GuardedApp, startGuardedApp } from './guarded-app.js';

let t: GuardedApp;
let routes: readonly RouteDemand[];
beforeAll(async () => {
  t = await startGuardedApp();
  routes = t.routes;
});
afterAll(() => t.close());

const SCOPES: readonly Scope[] = ['read', 'submit', 'device', 'admin'];

describe('every route', () => {
  it('says who may call it', () => {
    expect(routes.length).toBeGreaterThan(30);
    // An app with a route that does not would not have started.
    expect(routes.filter(({ scope }) => scopesThatOpen(scope).length > 0).length).toBeGreaterThan(25);
  });

  it('is public only where it is meant to be', () => {
    const open = routes.filter(({ scope, method }) => scope === 'public' && method !== 'HEAD');
    // Pages and what they load hold no data.
    const pages = /^GET \/(docs\b.*|assets\/\*|device)?$/;
    const others = open.map(({ method, url }) => `${method} ${url}`).filter((r) => !pages.test(r));
    expect(others.sort()).toEqual([
      'DELETE /session',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'GET /session',
      'POST /pairings/claim',
      'POST /session',
    ]);
  });

  it('refuses callers without a token, with a foreign, an expired and a revoked one', async () => {
    const foreign = new TokenRepository(openDatabase(`${temporaryDirectory()}/other.db`)).create({
      name: 'elsewhere',
      scope: 'admin',
    });
    const expired = t.tokens.create({ name: 'late', scope: 'admin', expiresAtMs: Date.now() - 1 });
    const revoked = t.tokens.create({ name: 'gone', scope: 'admin' });
    t.tokens.revoke(revoked.row.id);
    const known = t.token('admin');
    const forged = `${known.slice(0, -1)}${known.endsWith('0') ? '1' : '0'}`;
    for (const route of routes.filter(({ scope }) => scope !== 'public')) {
      for (const text of [undefined, foreign.text, expired.text, revoked.text, forged, 'nonsense']) {
        const answer = await t.call(route, text);
        expect(answer.status, `${route.method} ${route.url} with ${text}`).toBe(401);
        expect(answer.authenticate).toBe('Bearer');
        if (route.method !== 'HEAD') expect(answer.problem?.code).toBe('unauthorized');
      }
    }
  });

  it('lets in exactly the scopes that it names', async () => {
    for (const route of routes.filter(({ scope }) => scope !== 'public')) {
      const opening = scopesThatOpen(route.scope);
      for (const scope of SCOPES) {
        const answer = await t.call(route, t.token(scope));
        const isIn = IMPLIED_SCOPES[scope].some((implied) => opening.includes(implied));
        // Whoever is let in meets an id that does not exist, or an empty body.
        const status = isIn ? expect.not.stringMatching(/^40[13]$/) : '403';
        expect(String(answer.status), `${route.method} ${route.url} as ${scope}`).toEqual(status);
        if (!isIn && route.method !== 'HEAD') {
          expect(answer.problem).toMatchObject({ code: 'forbidden', details: { needed: [...opening] } });
        }
      }
    }
  });
});

describe('a token that is bound to a device', () => {
  it('has nothing to do with weights, which a token of a trainer reads and stores by their hash', async () => {
    const bytes = Buffer.from('weights');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const call = (method: 'GET' | 'PUT', token: string) =>
      t.app.inject({
        method,
        url: `/blobs/${sha256}`,
        headers: {
          authorization: `Bearer ${token}`,
          ...(method === 'PUT' && { 'content-type': 'application/octet-stream' }),
        },
        ...(method === 'PUT' && { payload: bytes }),
      });
    const bound = t.tokens.create({ name: 'board', scope: 'device', device: 'bench' }).text;
    expect((await call('PUT', bound)).json()).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await call('PUT', t.token('device'))).statusCode).toBe(201);
    expect((await call('GET', bound)).json()).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await call('GET', t.token('device'))).rawPayload.equals(bytes)).toBe(true);
    expect((await call('GET', t.token('read'))).statusCode).toBe(200);
  });
});
