import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TokenCreated } from '../../contracts/maintenance.js';
import type { Scope } from '../../contracts/scope.js';
import { LutraError } from '../../core/errors.js';
import type { TokenRepository } from '../../db/repositories/tokens.js';

export interface TokenOrder {
  readonly name: string;
  readonly scope: Scope;
  readonly device: string | null;
  readonly expiresAtMs: number | null;
  /** Null: the text is in the answer. */
  readonly outFile: string | null;
}

/**
 * Makes a token. With a file it may be run at every start of a machine: a file that holds a valid token stays.
 * @throws LutraError `invalid-request` for a device without the scope, or a moment that has passed; `conflict` when the
 * file holds something else
 */
export function createToken(tokens: TokenRepository, order: TokenOrder): TokenCreated {
  const { name, scope, device, expiresAtMs, outFile } = order;
  if (device !== null && scope !== 'device') {
    throw new LutraError('invalid-request', `--device goes with --scope device, not ${scope}`, {
      pointer: '/device',
    });
  }
  if (expiresAtMs !== null && expiresAtMs <= Date.now()) {
    throw new LutraError('invalid-request', 'the token would have expired already', { pointer: '/expires' });
  }
  if (outFile !== null && existsSync(outFile)) return keepToken(tokens, order, outFile);
  const { text, row } = tokens.create({
    name,
    scope,
    ...(device === null ? {} : { device }),
    ...(expiresAtMs === null ? {} : { expiresAtMs }),
  });
  if (outFile === null) return { text, token: row };
  // Never over something else, and never readable by others, not even for a moment.
  writeFileSync(outFile, `${text}\n`, { mode: 0o600, flag: 'wx' });
  return { text: null, token: row };
}

function keepToken(tokens: TokenRepository, { scope, device }: TokenOrder, outFile: string): TokenCreated {
  const token = tokens.authenticate(readFileSync(outFile, 'utf8').trim());
  if (token?.scope === scope && token.device === device) return { text: null, token };
  throw new LutraError(
    'conflict',
    `${outFile} exists and holds no valid token of that scope; remove it first`,
  );
}
