import { type ErrorCode, LutraError } from '../errors.js';

/** Where a value stands in an untrusted document, and whose it is: for the error if it is refused. */
export interface Place {
  readonly code: ErrorCode;
  /** JSON pointer. */
  readonly pointer: string;
  /** For people: `node 'stem/conv': filters`. */
  readonly subject: string;
}

/** The error for a value that is not what it must be. */
export function refused(place: Place, expected: string, value: unknown): LutraError {
  return new LutraError(place.code, `${place.subject}: expected ${expected}, got ${describe(value)}`, {
    pointer: place.pointer,
  });
}

/**
 * A plain object whose every own key is known.
 * @throws LutraError pointing at the first unknown field (prototype keys are unknown fields) or at a missing one
 */
export function readObject(
  value: unknown,
  place: Place,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (!isPlainObject(value)) throw refused(place, 'an object', value);
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'string' && (required.includes(key) || optional.includes(key))) continue;
    const known = [...required, ...optional].join(', ') || 'none';
    throw new LutraError(
      place.code,
      `${place.subject}: unknown field ${shortened(String(key))}; the fields are ${known}`,
      { pointer: `${place.pointer}/${escapePointer(String(key))}` },
    );
  }
  for (const key of required) {
    if (!Object.hasOwn(value, key)) {
      throw new LutraError(place.code, `${place.subject}: field '${key}' is missing`, {
        pointer: `${place.pointer}/${key}`,
      });
    }
  }
  return value;
}

export function readArray(value: unknown, place: Place, least: number, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw refused(place, 'an array', value);
  if (value.length < least || value.length > most) {
    const count = least === most ? `${least}` : `${least} to ${most}`;
    throw new LutraError(place.code, `${place.subject}: expected ${count} entries, got ${value.length}`, {
      pointer: place.pointer,
    });
  }
  return value;
}

export function readInteger(value: unknown, place: Place, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw refused(place, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

export function readNumber(value: unknown, place: Place, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw refused(place, `a number from ${least} to ${most}`, value);
  }
  return value;
}

export function readBoolean(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') throw refused(place, 'true or false', value);
  return value;
}

export function readString(value: unknown, place: Place, maxLength: number): string {
  if (typeof value !== 'string') throw refused(place, 'a string', value);
  if (value.length < 1 || value.length > maxLength) {
    throw new LutraError(
      place.code,
      `${place.subject}: expected 1 to ${maxLength} characters, got ${value.length}`,
      { pointer: place.pointer },
    );
  }
  return value;
}

export function readOneOf<T extends string>(value: unknown, place: Place, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw refused(place, `one of ${choices.join(', ')}`, value);
  return choice;
}

/** The place of a field or entry within another. */
export function within(place: Place, key: string | number, subject = `${place.subject} ${key}`): Place {
  return { code: place.code, pointer: `${place.pointer}/${key}`, subject };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return shortened(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

function escapePointer(key: string): string {
  return (key.length > 128 ? key.slice(0, 128) : key).replaceAll('~', '~0').replaceAll('/', '~1');
}
