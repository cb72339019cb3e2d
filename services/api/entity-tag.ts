import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Puts an ETag on the answer.
 * @param parts all that the answer depends on
 * @returns whether the client has this very answer already: send 304 and nothing else
 */
export function isUnchanged(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: readonly unknown[],
): boolean {
  const tag = `"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'accept');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((entry) => entry.trim() === '*' || entry.trim().replace(/^W\//, '') === tag);
}
