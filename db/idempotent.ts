import { LutraError } from '../core/errors.js';
import type { Database } from './open-database.js';

/** What a caller sent with its request so that a repeat creates nothing. */
export interface Idempotency {
  /** What the key belongs to, e.g. `POST /measure`; equal keys of different routes do not meet. */
  readonly route: string;
  readonly key: string;
  /** `canonicalHash` of the body. */
  readonly bodyHash: string;
}

/**
 * Creates a resource once for each key. Must run inside a writing transaction, together with the creation.
 * @param create makes the resource and returns its id
 * @returns the id, of the first request with this key
 * @throws LutraError `idempotency-mismatch` when the key came with another body before
 */
export function createOnce(
  db: Database,
  { route, key, bodyHash }: Idempotency,
  nowMs: number,
  create: () => string,
): string {
  const known = db
    .prepare<[string, string], { bodyHash: string; id: string }>(
      `SELECT body_hash AS bodyHash, response ->> '$.id' AS id FROM idempotency WHERE route = ? AND key = ?`,
    )
    .get(route, key);
  if (known !== undefined && known.bodyHash !== bodyHash) {
    throw new LutraError('idempotency-mismatch', `the key '${key}' came with another body before`);
  }
  if (known !== undefined) return known.id;
  const id = create();
  db.prepare(
    'INSERT INTO idempotency (route, key, body_hash, response, created_at_ms) VALUES (?, ?, ?, ?, ?)',
  ).run(route, key, bodyHash, JSON.stringify({ id }), nowMs);
  return id;
}
