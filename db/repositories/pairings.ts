import { createHash, randomBytes } from 'node:crypto';
import { LutraError } from '../../core/errors.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { DeviceRepository } from './devices.js';
import { TokenRepository } from './tokens.js';

/** Crockford's base 32, in capitals: 40 bits, which ten minutes and a rate limit keep out of reach of guessing. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_DIGITS = 8;
const LIFETIME_MS = 10 * 60_000;

/** Single-use codes that are exchanged for a token of one new device. */
export class PairingRepository {
  private readonly tokens;
  private readonly devices;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = new TokenRepository(db, now);
    this.devices = new DeviceRepository(db, now);
  }

  /** @param createdBy name of the token that asked for it */
  create(createdBy: string): { readonly code: string; readonly expiresAtMs: number } {
    const digits = Array.from(randomBytes(CODE_DIGITS), (byte) => DIGITS[byte % DIGITS.length]).join('');
    const expiresAtMs = this.now() + LIFETIME_MS;
    write(this.db, () => {
      this.db
        .prepare('DELETE FROM pairing WHERE claimed_at_ms IS NULL AND expires_at_ms <= ?')
        .run(this.now());
      this.db
        .prepare(
          'INSERT INTO pairing (code_sha256, created_by, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)',
        )
        .run(digest(digits), createdBy, this.now(), expiresAtMs);
    });
    return { code: `${digits.slice(0, 4)}-${digits.slice(4)}`, expiresAtMs };
  }

  /**
   * Uses a code up.
   * @returns the text of a token of scope device, bound to the name
   * @throws LutraError `not-found` for a code that is unknown, used or late; `conflict` when the name is taken, which
   * leaves the code as it was
   */
  claim(code: string, device: string): string {
    const hash = digest(code.replace('-', '').toUpperCase());
    return write(this.db, () => {
      const pairing = this.db
        .prepare<[Buffer, number], { createdBy: string }>(
          `SELECT created_by AS createdBy FROM pairing
           WHERE code_sha256 = ? AND claimed_at_ms IS NULL AND expires_at_ms > ?`,
        )
        .get(hash, this.now());
      if (pairing === undefined) throw new LutraError('not-found', 'the code is unknown, used or too old');
      if (this.isTaken(device)) {
        throw new LutraError('conflict', `a device named '${device}' exists`, { pointer: '/device' });
      }
      const name = `${device}, paired by ${pairing.createdBy}`;
      const { text, row } = this.tokens.create({ name, scope: 'device', device });
      this.db
        .prepare('UPDATE pairing SET claimed_at_ms = ?, token_id = ? WHERE code_sha256 = ?')
        .run(this.now(), row.id, hash);
      return text;
    });
  }

  private isTaken(device: string): boolean {
    return (
      this.devices.find(device) !== undefined ||
      this.tokens.list().some((token) => token.device === device && token.revokedAtMs === null)
    );
  }
}

function digest(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
