import type { Rng } from '../../core/random.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const STRANGE: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e9,
  1e308,
  '',
  '0',
  'NaN',
  '../../etc/passwd',
  '\u0000',
  '💥'.repeat(40),
  'x'.repeat(5000),
  [],
  {},
  [[[[]]]],
  { a: { b: null } },
];

const STRANGE_KEYS = ['extra', '', '__proto__', 'constructor', 'toString', 'a/b~c', 'length'];

/** A copy of a JSON document with one thing changed somewhere: a value replaced, a key or entry added, removed, doubled. */
export function mutate(document: unknown, rng: Rng): unknown {
  const copy = structuredClone(document) as Json;
  const places = [...containers(copy)];
  const place = places[Math.floor(rng() * places.length)];
  if (place === undefined) return pick(STRANGE, rng);
  if (Array.isArray(place)) mutateArray(place, rng);
  else mutateObject(place, rng);
  return copy;
}

function* containers(value: Json): Generator<Json[] | { [key: string]: Json }> {
  if (typeof value !== 'object' || value === null) return;
  yield value;
  for (const member of Object.values(value)) yield* containers(member);
}

function mutateArray(array: Json[], rng: Rng): void {
  const at = Math.floor(rng() * (array.length + 1));
  const how = rng();
  if (how < 0.3) array.splice(at, 1);
  else if (how < 0.6) array.splice(at, 1, structuredClone(pick(STRANGE, rng)));
  else array.push(structuredClone(array[at] ?? pick(STRANGE, rng)));
}

function mutateObject(object: { [key: string]: Json }, rng: Rng): void {
  const keys = Object.keys(object);
  const key = pick(keys.length === 0 ? ['extra'] : keys, rng);
  const how = rng();
  if (how < 0.2) delete object[key];
  else if (how < 0.8) object[key] = structuredClone(pick(STRANGE, rng));
  else {
    // As an own property, so that it is sent even when it is called __proto__.
    const value = structuredClone(pick(STRANGE, rng));
    Object.defineProperty(object, pick(STRANGE_KEYS, rng), { value, enumerable: true, configurable: true });
  }
}

function pick<T>(items: readonly T[], rng: Rng): T {
  return items[Math.floor(rng() * items.length)] as T;
}
