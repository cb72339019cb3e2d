import fc from 'fast-check';
import { expect, it } from 'vitest';
import { opLevel } from '../../core/measurement/op-level.js';

it('moves half as much as the anchor up to 15 %, and as much beyond', () => {
  expect(opLevel(1)).toBe(1);
  expect(opLevel(1.1)).toBeCloseTo(Math.sqrt(1.1), 12);
  expect(opLevel(1 / 1.1)).toBeCloseTo(1 / Math.sqrt(1.1), 12);
  expect(opLevel(1.15)).toBeCloseTo(1.072381, 6);
  expect(opLevel(2)).toBeCloseTo(2 / 1.072381, 5);
  expect(opLevel(0.5)).toBeCloseTo(0.5 * 1.072381, 6);
});

it('rises with the anchor, and never moves further than it', () => {
  const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
  fc.assert(
    fc.property(factor, factor, (one, other) => {
      expect(Math.abs(Math.log(opLevel(one)))).toBeLessThanOrEqual(Math.abs(Math.log(one)) + 1e-12);
      if (one < other) expect(opLevel(one)).toBeLessThanOrEqual(opLevel(other));
    }),
  );
});
