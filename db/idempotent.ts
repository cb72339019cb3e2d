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
 * What an earlier request with this key created.
 * @returns its ids; undefined where the key is new
 * @throws LutraError `idempotency-mismatch` when the key came with another body before
 */
export function createdBefore(
  db: Database,
  { route, key, bodyHash }: Idempotency,
): readonly string[] | undefined {
  const known = db
    .prepare<[string, string], { bodyHash: string; ids: string }>(
      // Earlier versions stored one id.
      `SELECT body_hash AS bodyHash, coalesce(response -> '$.ids', json_array(response ->> '$.id')) AS ids
       FROM idempotency WHERE route = ? AND key = ?`,
    )
    .get(route, key);
  if (known !== undefined && known.bodyHash !== bodyHash) {
    throw new LutraError('idempotency-mismatch', `the key '${key}' came with another body before`);
  }
  return known && (JSON.parse(known.ids) as string[]);
}

/**
 * Creates resources once for each key. Must run inside a writing transaction, together with the creation.
 * @param create makes what the request asks for and returns its ids
 * @returns the ids, of the first request with this key
 * @throws LutraError `idempotency-mismatch` when the key came with another body before
 */
export function createOnce(
  db: Database,
  idempotency: Idempotency,
  nowMs: number,
  create: () => readonly string[],
): readonly string[] {
  const known = createdBefore(db, idempotency);
  if (known !== undefined) return known;
  const ids = create();
  const { route, key, bodyHash } = idempotency;
  db.prepare(
    'INSERT INTO idempotency (route, key, body_hash, response, created_at_ms) VALUES (?, ?, ?, ?, ?)',
  ).run(route, key, bodyHash, JSON.stringify({ ids }), nowMs);
  return ids;
}
