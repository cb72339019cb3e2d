import type { FastifyRequest } from 'fastify';
import { LutraError } from '../../../core/errors.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses changes that a page of another origin asks for. A browser sends what identifies its user (the session
 * cookie, the address of this machine) with any page's request; what carries a token in a header needs no such check.
 * Another port of the same host is another origin, which SameSite does not keep out.
 * @throws LutraError `forbidden`
 */
export function refuseForeignPages({ method, headers }: FastifyRequest): void {
  if (SAFE_METHODS.has(method)) return;
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const isOwn =
    origin === undefined
      ? site === undefined || site === 'same-origin' || site === 'none'
      : hostOf(origin) === host?.toLowerCase();
  if (!isOwn) throw new LutraError('forbidden', 'a page of another origin may change nothing here');
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
