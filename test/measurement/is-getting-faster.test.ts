import { expect, test } from 'vitest';
import { isGettingFaster } from '../../core/measurement/is-getting-faster.js';

test.each([
  ['still falling', [411, 332, 308, 304, 298, 265, 296, 248, 264, 236], true],
  ['settled', [310, 231, 223, 223, 224, 276, 230, 225, 255, 226], false],
  ['faster by 2 % exactly', [100, 100, 100, 100, 100, 98, 100, 100, 100, 100], false],
  ['faster by more', [100, 100, 100, 100, 100, 97.9, 100, 100, 100, 100], true],
  ['slower', [100, 100, 100, 120, 120, 120, 120, 120], false],
  ['nothing before the batch', [5, 4, 3, 2, 1], false],
])('%s', (_, durationsNs, expected) => {
  expect(isGettingFaster(durationsNs)).toBe(expected);
});
