import type { FastifyRequest } from 'fastify';
import type { Scope } from '../../../contracts/scope.js';
import { LutraError } from '../../../core/errors.js';
import type { TokenRepository } from '../../../db/repositories/tokens.js';
import { isLoopback } from '../../serve/is-loopback.js';
import { LOCAL_PRINCIPAL, type Principal, principalOf } from './principal.js';
import { refuseForeignHosts } from './refuse-foreign-hosts.js';
import { refuseForeignPages } from './refuse-foreign-pages.js';
import { scopesThatOpen } from './route-scope.js';
import { sessionCookie } from './session-cookie.js';

/**
 * Sets `request.principal` and refuses callers whom the route is not open to. A token in the Authorization header
 * counts first, then the cookie of a browser session. While no token was made, callers on this machine need none.
 * @param countRefusal called before a request is refused for want of a valid token; may throw `rate-limited`
 * @returns an onRequest hook
 * @throws LutraError `unauthorized` without a valid token, `forbidden` with one of the wrong scope
 */
export function authorize(
  tokens: TokenRepository,
  countRefusal: (request: FastifyRequest) => Promise<void>,
): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const needed = neededScopes(request);
    if (needed.length === 0) {
      request.principal = identifyIfPossible(tokens, request);
      return;
    }
    try {
      request.principal = identify(tokens, request) ?? refuse();
    } catch (error) {
      if (error instanceof LutraError && error.code === 'unauthorized') await countRefusal(request);
      throw error;
    }
    const { scopes, name } = request.principal;
    if (needed.some((scope) => scopes.includes(scope))) return;
    throw new LutraError('forbidden', `the token '${name}' lacks the scope ${needed.join(' or ')}`, {
      details: { needed: [...needed], scopes: [...scopes] },
    });
  };
}

/**
 * Whether a request that is being answered for long would be let in again: its token may have been revoked since, or
 * have expired, and without one the first token may have been made.
 */
export function isStillAuthorized(tokens: TokenRepository, request: FastifyRequest): boolean {
  const needed = neededScopes(request);
  const scopes = identifyIfPossible(tokens, request)?.scopes ?? [];
  return needed.length === 0 || needed.some((scope) => scopes.includes(scope));
}

/** A route without a scope is open to administrators only, should the check at start ever miss one. */
function neededScopes({ is404, routeOptions }: FastifyRequest): readonly Scope[] {
  return scopesThatOpen(is404 ? 'public' : (routeOptions.config.scope ?? 'admin'));
}

/** Public routes answer without a database too, and whatever token came along. */
function identifyIfPossible(tokens: TokenRepository, request: FastifyRequest): Principal | null {
  try {
    return identify(tokens, request);
  } catch (error) {
    if (error instanceof LutraError && error.code !== 'unauthorized') throw error;
    return null;
  }
}

function refuse(): never {
  throw new LutraError(
    'unauthorized',
    'a token is needed: Authorization: Bearer lutra_… (lutra tokens create)',
  );
}

function identify(tokens: TokenRepository, request: FastifyRequest): Principal | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const text = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1];
    const token = text === undefined ? undefined : tokens.authenticate(text);
    if (token !== undefined) return principalOf(token);
    throw new LutraError('unauthorized', 'the token is unknown here, expired or revoked');
  }
  const cookie = sessionCookie(request);
  const session = cookie === undefined ? undefined : tokens.authenticate(cookie);
  if (session !== undefined) {
    refuseForeignPages(request);
    return principalOf(session);
  }
  if (tokens.isGuarded()) return null;
  if (!isFromThisMachine(request)) return null;
  refuseForeignHosts(request);
  refuseForeignPages(request);
  return LOCAL_PRINCIPAL;
}

/** Not so for what a proxy on this machine passes on: its callers may be anywhere. */
function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const address = socket.remoteAddress ?? '';
  const forwarded = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip'];
  return forwarded === undefined && isLoopback(address.replace(/^::ffff:/, ''));
}
