import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from '../../training/datasets/idx-file.js';

/** Two images of 1×3. */
const GOOD = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);

describe('parseIdx', () => {
  it('reads sizes and data', () => {
    expect(parseIdx(GOOD, 'a-file')).toEqual({
      shape: [2, 1, 3],
      data: Uint8Array.of(10, 20, 30, 40, 50, 60),
    });
  });

  it('reads from the middle of a larger buffer', () => {
    const larger = new Uint8Array(GOOD.length + 7);
    larger.set(GOOD, 5);
    expect(parseIdx(larger.subarray(5, 5 + GOOD.length), 'a-file').shape).toEqual([2, 1, 3]);
  });

  it.each([
    ['no header', GOOD.subarray(0, 3), 'expected a header of 4 bytes, got 3'],
    [
      'another format',
      Uint8Array.of(0x1f, 0x8b, 8, 3, 0),
      'expected two zero bytes at the start, got 31 and 139',
    ],
    [
      'floats',
      Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0),
      'expected elements of type 0x08 (unsigned bytes), got 0xd',
    ],
    ['half a header', GOOD.subarray(0, 12), 'expected a header of 16 bytes for 3 axes, got 12'],
    ['no axes', Uint8Array.of(0, 0, 8, 0), 'expected a header of 4 bytes for 0 axes, got 4'],
    ['a byte too few', GOOD.subarray(0, 21), 'expected 6 bytes of data for [2, 1, 3], got 5'],
    ['a byte too many', Uint8Array.of(...GOOD, 0), 'expected 6 bytes of data for [2, 1, 3], got 7'],
    ['sizes beyond any memory', Uint8Array.of(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255), 'got 0'],
  ])('refuses %s', (_, bytes, words) => {
    expect(() => parseIdx(bytes, 'a-file')).toThrow(
      expect.objectContaining({ code: 'unknown-dataset', message: expect.stringContaining(words) }),
    );
    expect(() => parseIdx(bytes, 'a-file')).toThrow('a-file');
  });

  it('never reads a file that was cut short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: GOOD.length - 1 }), (length) => {
        expect(() => parseIdx(GOOD.subarray(0, length), 'a-file')).toThrow('a-file');
      }),
    );
  });
});
