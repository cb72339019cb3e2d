import { LutraError } from '../../core/errors.js';

/**
 * Makes sure that a tensor has as many elements as its axes ask for.
 * @throws LutraError `invalid-request`
 */
export function checkLength(what: string, data: Float32Array, shape: readonly number[]): void {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (data.length === expected) return;
  throw new LutraError(
    'invalid-request',
    `${what}: expected ${shape.join('×')} = ${expected} values, got ${data.length}`,
    { pointer: `/${what}` },
  );
}
