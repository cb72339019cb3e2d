import { LutraError } from '../../core/errors.js';

/** Deeper nesting than any document of the API has; keeps recursive readers from overflowing. */
const MAX_DEPTH = 32;

/** Keys that reach an object's prototype when a careless copy assigns them. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses a JSON body. Refuses what `JSON.parse` lets through and no document of the API may hold: prototype keys,
 * numbers beyond a double (`1e999` parses as Infinity), nesting without end.
 * @throws LutraError `invalid-request` with a pointer to the offending value
 */
export function readJson(text: string): unknown {
  if (text.trim() === '') {
    throw new LutraError('invalid-request', 'the body is empty; expected JSON', { pointer: '' });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LutraError('invalid-request', `the body is not JSON: ${(cause as Error).message}`, {
      pointer: '',
      cause,
    });
  }
  checkValue(value, '', 0);
  return value;
}

function checkValue(value: unknown, pointer: string, depth: number): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new LutraError('invalid-request', 'a number beyond the range of a double', { pointer });
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === MAX_DEPTH) {
    throw new LutraError('invalid-request', `nested deeper than ${MAX_DEPTH} levels`, { pointer });
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkValue(value[i], `${pointer}/${i}`, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    const place = `${pointer}/${escapeKey(key)}`;
    if (PROTOTYPE_KEYS.has(key)) {
      throw new LutraError('invalid-request', `the key ${key} is not allowed`, { pointer: place });
    }
    checkValue((value as Record<string, unknown>)[key], place, depth + 1);
  }
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
