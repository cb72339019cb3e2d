import { Type } from 'typebox';
import { Problem } from '../../../contracts/http/problem.js';
import { SessionRequest, SessionView } from '../../../contracts/http/session.js';
import { LutraError } from '../../../core/errors.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { SECRET_LIMIT } from '../security/limit-requests.js';
import { type Principal, principalOf } from '../security/principal.js';
import { refuseForeignPages } from '../security/refuse-foreign-pages.js';
import { sessionCookie, setSessionCookie } from '../security/session-cookie.js';

/** A working day: a browser that was left open is asked again the next morning. */
const SESSION_MS = 12 * 3_600_000;

/** How a page logs in: the cookie that it gets is sent with everything, event streams included. */
export function sessionRoutes(api: Api, { tokens }: ApiContext): void {
  api.get(
    '/session',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['service'],
        summary: 'Who the caller is',
        response: { 200: SessionView, '4xx': Problem },
      },
    },
    async ({ principal }, reply): Promise<SessionView> => {
      reply.header('cache-control', 'no-store');
      return sessionView(principal);
    },
  );

  api.post(
    '/session',
    {
      config: { scope: 'public', rateLimit: SECRET_LIMIT },
      schema: {
        tags: ['service'],
        summary: 'Exchange a token for a cookie of twelve hours (HttpOnly, SameSite=Strict)',
        body: SessionRequest,
        response: { 200: SessionView, '4xx': Problem },
      },
    },
    async (request, reply): Promise<SessionView> => {
      refuseForeignPages(request);
      const token = tokens.authenticate(request.body.token);
      if (token === undefined) {
        throw new LutraError('unauthorized', 'the token is unknown here, expired or revoked', {
          pointer: '/token',
        });
      }
      const { text, row } = tokens.createSession(token, SESSION_MS);
      const isSecure = request.protocol === 'https';
      reply
        .header('cache-control', 'no-store')
        .header('set-cookie', setSessionCookie(text, (row.expiresAtMs ?? 0) - row.createdAtMs, isSecure));
      return sessionView(principalOf(row));
    },
  );

  api.delete(
    '/session',
    {
      config: { scope: 'public' },
      schema: {
        tags: ['service'],
        summary: 'Log the browser out',
        response: { 204: Type.Unsafe<unknown>({ description: 'Logged out' }), '4xx': Problem },
      },
    },
    async (request, reply) => {
      refuseForeignPages(request);
      const token = tokens.authenticate(sessionCookie(request) ?? '');
      if (token !== undefined) tokens.revoke(token.id);
      return reply
        .code(204)
        .header('set-cookie', setSessionCookie('', 0, false))
        .send();
    },
  );
}

function sessionView(principal: Principal | null): SessionView {
  return {
    authenticated: principal !== null,
    name: principal?.name ?? null,
    scopes: [...(principal?.scopes ?? [])],
    device: principal?.device ?? null,
  };
}
