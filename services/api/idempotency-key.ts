import type { FastifyRequest } from 'fastify';
import { canonicalHash } from '../../db/canonical-json.js';
import type { Idempotency } from '../../db/idempotent.js';
import { RefusedParameter } from './refused-parameter.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The request's Idempotency-Key with what it stands for; undefined without one.
 * @throws LutraError `invalid-request` for a key that is empty, too long or not printable ASCII without spaces
 */
export function idempotencyKey(request: FastifyRequest, route: string): Idempotency | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY.test(key)) {
    // Callers with tokens of their own must not meet in a key that both chose.
    const token = request.principal?.tokenId ?? null;
    const owner = token === null ? route : `${route} ${token}`;
    return { route: owner, key, bodyHash: canonicalHash(request.body) };
  }
  throw new RefusedParameter(
    'header',
    'header idempotency-key: expected 1 to 255 printable ASCII characters without spaces',
    '/idempotency-key',
  );
}
