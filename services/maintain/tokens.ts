import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { TokenCreated } from '../../contracts/maintenance.js';
import type { Scope } from '../../contracts/scope.js';
import { LutraError } from '../../core/errors.js';
import type { Database } from '../../db/open-database.js';
import { type NewToken, TokenRepository, type TokenRow } from '../../db/repositories/tokens.js';
import { write } from '../../db/write.js';

export interface TokenOrder {
  readonly name: string;
  readonly scope: Scope;
  readonly device: string | null;
  readonly expiresAtMs: number | null;
  /** Null: the text is in the answer. */
  readonly outFile: string | null;
}

/** What the file system says of a path that a caller could have chosen otherwise. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EEXIST: 'something is there already',
  EISDIR: 'it is a folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the file system is read-only',
};

/**
 * Makes a token. With a file it may be run at every start of a machine: a file that holds a valid token stays.
 * @throws LutraError `invalid-request` for a device without the scope, a moment that has passed, or a file that cannot be
 * written or read; `conflict` when the file holds something else
 */
export function createToken(db: Database, order: TokenOrder): TokenCreated {
  const { name, scope, device, expiresAtMs, outFile } = order;
  if (device !== null && scope !== 'device') {
    throw new LutraError('invalid-request', `--device goes with --scope device, not ${scope}`, {
      pointer: '/device',
    });
  }
  if (expiresAtMs !== null && expiresAtMs <= Date.now()) {
    throw new LutraError('invalid-request', 'the token would have expired already', { pointer: '/expires' });
  }
  const tokens = new TokenRepository(db);
  if (outFile !== null && existsSync(outFile)) return keepToken(tokens, order, outFile);
  const token = {
    name,
    scope,
    ...(device === null ? {} : { device }),
    ...(expiresAtMs === null ? {} : { expiresAtMs }),
  };
  if (outFile !== null) return { text: null, token: createInto(db, token, outFile) };
  const { text, row } = tokens.create(token);
  return { text, token: row };
}

/** The file first, and both or neither: a token that nobody holds would shut its owner out. */
function createInto(db: Database, token: NewToken, outFile: string): TokenRow {
  // Never over something else, and never readable by others, not even for a moment.
  const file = onFile(outFile, () => openSync(outFile, 'wx', 0o600));
  try {
    return write(db, () => {
      const { text, row } = new TokenRepository(db).create(token);
      writeSync(file, `${text}\n`);
      return row;
    });
  } catch (error) {
    rmSync(outFile, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function keepToken(tokens: TokenRepository, { scope, device }: TokenOrder, outFile: string): TokenCreated {
  const token = tokens.authenticate(onFile(outFile, () => readFileSync(outFile, 'utf8')).trim());
  if (token?.scope === scope && token.device === device) return { text: null, token };
  throw new LutraError(
    'conflict',
    `${outFile} exists and holds no valid token of that scope; remove it first`,
  );
}

function onFile<T>(outFile: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = REASONS[String((cause as NodeJS.ErrnoException).code)];
    if (reason === undefined) throw cause;
    throw new LutraError('invalid-request', `--out ${outFile}: ${reason}`, { pointer: '/out', cause });
  }
}
