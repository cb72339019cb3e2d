import { LutraError } from '../../core/errors.js';
import type { Database } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { isLoopback } from './is-loopback.js';

/**
 * Lets the api listen where other machines reach it only when callers need a token.
 * @param db null where there is no database yet, and so no token
 * @throws LutraError `conflict` saying how to make one
 */
export function requireTokens(db: Database | null, host: string, dataDirectory: string): void {
  if (isLoopback(host) || (db !== null && new TokenRepository(db).isGuarded())) return;
  throw new LutraError(
    'conflict',
    `host ${host}: other machines could reach it, and no token was made yet; first: ` +
      `lutra tokens create --name NAME --scope admin --data ${dataDirectory}`,
  );
}
