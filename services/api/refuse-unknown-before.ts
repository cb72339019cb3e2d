import { RefusedParameter } from './refused-parameter.js';

/**
 * For lists in pages: after a `before` that nothing bears there would be an empty page, which reads as the last one.
 * @throws LutraError `not-found`
 */
export function refuseUnknownBefore(
  noun: 'job' | 'adaptation',
  before: string | undefined,
  find: (id: string) => object | undefined,
): void {
  if (before === undefined || find(before) !== undefined) return;
  throw new RefusedParameter(
    'query',
    `query parameter before: there is no ${noun} ${before}`,
    '/before',
    'not-found',
  );
}
