import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../../contracts/scope.js';
import { LutraError } from '../../core/errors.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** The one device that it may act for; null: any. */
  readonly device: string | null;
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  readonly device?: string;
  readonly expiresAtMs?: number;
}

interface Stored extends TokenRow {
  readonly secret: Buffer;
  readonly parentId: string | null;
}

/** Crockford's base 32. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_DIGITS = 10;
/** 260 random bits. */
const SECRET_DIGITS = 52;
const TOKEN = new RegExp(`^lutra_([${DIGITS}]{${ID_DIGITS}})_[${DIGITS}]{${SECRET_DIGITS}}$`);

const SELECT = `
  SELECT id, name, secret_sha256 AS secret, scope, device, parent_id AS parentId, created_at_ms AS createdAtMs,
    expires_at_ms AS expiresAtMs, revoked_at_ms AS revokedAtMs
  FROM token`;

/**
 * Bearer tokens, `lutra_<id>_<secret>`: the id is public and finds the row, of the whole only a hash is kept.
 */
export class TokenRepository {
  private readonly byId;
  private readonly anyGuard;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.byId = db.prepare<[string], Stored>(`${SELECT} WHERE id = ?`);
    this.anyGuard = db
      .prepare<[], number>("SELECT EXISTS (SELECT 1 FROM token WHERE scope <> 'device')")
      .pluck();
  }

  /** @returns the token's text, which is nowhere else from now on, with its row */
  create(token: NewToken): { readonly text: string; readonly row: TokenRow } {
    return this.insert(token, null);
  }

  /**
   * A token for a browser's cookie, as good as the given one and never longer.
   * @param lifetimeMs how long at most
   */
  createSession(parent: TokenRow, lifetimeMs: number): { readonly text: string; readonly row: TokenRow } {
    const expiresAtMs = Math.min(this.now() + lifetimeMs, parent.expiresAtMs ?? Number.POSITIVE_INFINITY);
    return write(this.db, () => {
      this.db.prepare('DELETE FROM token WHERE parent_id IS NOT NULL AND expires_at_ms <= ?').run(this.now());
      const { name, scope, device } = parent;
      const session = { name, scope, expiresAtMs, ...(device === null ? {} : { device }) };
      return this.insert(session, parent.id);
    });
  }

  /** @returns undefined unless the token is known, neither expired nor revoked, nor the one it came from */
  authenticate(text: string): TokenRow | undefined {
    const id = TOKEN.exec(text)?.[1];
    const stored = id === undefined ? undefined : this.byId.get(id);
    if (stored === undefined || !timingSafeEqual(stored.secret, digest(text))) return undefined;
    for (
      let token: Stored | undefined = stored;
      token !== undefined;
      token = token.parentId === null ? undefined : this.byId.get(token.parentId)
    ) {
      if (!this.isValid(token)) return undefined;
    }
    return toRow(stored);
  }

  /**
   * Whether callers of this machine need a token too: since the first token for people was made. Tokens of devices
   * leave it as it is, so that pairing a browser does not shut its owner out.
   */
  isGuarded(): boolean {
    return this.anyGuard.get() === 1;
  }

  /** All but browser sessions, by age. */
  list(): readonly TokenRow[] {
    return this.db
      .prepare<[], Stored>(`${SELECT} WHERE parent_id IS NULL ORDER BY created_at_ms, id`)
      .all()
      .map(toRow);
  }

  /** Ends a token and the browser sessions that came from it. @throws LutraError `not-found` */
  revoke(id: string): TokenRow {
    return write(this.db, () => {
      this.db
        .prepare('UPDATE token SET revoked_at_ms = ? WHERE id = ? AND revoked_at_ms IS NULL')
        .run(this.now(), id);
      const stored = this.byId.get(id);
      if (stored === undefined) throw new LutraError('not-found', `there is no token ${id}`);
      return toRow(stored);
    });
  }

  private isValid({ expiresAtMs, revokedAtMs }: TokenRow): boolean {
    return revokedAtMs === null && (expiresAtMs === null || expiresAtMs > this.now());
  }

  private insert(token: NewToken, parentId: string | null): { text: string; row: TokenRow } {
    const id = randomDigits(ID_DIGITS);
    const text = `lutra_${id}_${randomDigits(SECRET_DIGITS)}`;
    return write(this.db, () => {
      this.db
        .prepare(
          `INSERT INTO token (id, name, secret_sha256, scope, device, parent_id, created_at_ms, expires_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          token.name,
          digest(text),
          token.scope,
          token.device ?? null,
          parentId,
          this.now(),
          token.expiresAtMs ?? null,
        );
      return { text, row: toRow(this.byId.get(id)!) };
    });
  }
}

function randomDigits(count: number): string {
  return Array.from(randomBytes(count), (byte) => DIGITS[byte % DIGITS.length]).join('');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function toRow({ secret: _secret, parentId: _parent, ...row }: Stored): TokenRow {
  return row;
}
