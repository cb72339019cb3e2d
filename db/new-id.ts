import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U; in ASCII order, so that text sorts like the number. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 11;

/**
 * A new identifier: prefix, milliseconds (45 bits, until the year 3084), 55 random bits. Ids of different milliseconds
 * sort by time.
 * @example newId('job') // job_01hw3k5f8q2v7x9abcde
 */
export function newId(prefix: 'job' | 'adp', nowMs = Date.now()): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < TIME_DIGITS; i++, rest = Math.floor(rest / 32)) {
    time = DIGITS[rest % 32] + time;
  }
  const random = Array.from(randomBytes(RANDOM_DIGITS), (byte) => DIGITS[byte % 32]).join('');
  return `${prefix}_${time}${random}`;
}
