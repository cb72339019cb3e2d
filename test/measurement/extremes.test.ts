import { expect, test } from 'vitest';
import { extremes } from '../../core/measurement/extremes.js';

test('the extremes of any number of values', () => {
  const many = Array.from({ length: 500_000 }, (_, i) => i - 7);
  expect(extremes(many)).toEqual({ least: -7, most: 499_992 });
  expect(extremes([])).toEqual({ least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY });
});
