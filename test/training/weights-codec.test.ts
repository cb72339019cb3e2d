import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Weights } from '../../core/network/weights.js';
import { decodeWeights, encodeWeights } from '../../training/weights/weights-codec.js';

const small: Weights = new Map([
  ['b/bias', { shape: [2], data: Float32Array.of(1.5, -2) }],
  ['a/kernel', { shape: [1, 2, 1, 1], data: Float32Array.of(0.25, 3) }],
]);

describe('weights codec', () => {
  test('writes the documented layout', () => {
    const bytes = encodeWeights(small);
    const header = '{"tensors":[{"name":"a/kernel","shape":[1,2,1,1]},{"name":"b/bias","shape":[2]}]}';
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('LUTRAWT1');
    const padded = Math.ceil(header.length / 4) * 4;
    expect([...bytes.subarray(8, 12)]).toEqual([padded, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(12, 12 + padded)).trimEnd()).toBe(header);
    expect([...bytes.subarray(12 + padded)]).toEqual([
      0, 0, 0x80, 0x3e, 0, 0, 0x40, 0x40, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0,
    ]);
  });

  test('gives back what was encoded, bit by bit, whatever the order of the map', () => {
    const tensor = fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((shape) => {
      const length = shape.reduce((product, dim) => product * dim, 1);
      return fc
        .array(fc.float(), { minLength: length, maxLength: length })
        .map((values) => ({ shape, data: Float32Array.from(values) }));
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor), (record) => {
        const weights: Weights = new Map(Object.entries(record));
        const bytes = encodeWeights(weights);
        const decoded = decodeWeights(bytes);
        expect(new Map([...decoded].sort())).toEqual(new Map([...weights].sort()));
        expect(encodeWeights(new Map([...weights].reverse()))).toEqual(bytes);
      }),
    );
  });

  test.each([
    ['no bytes', new Uint8Array(0)],
    ['another magic', new TextEncoder().encode('LUTRAWT2\0\0\0\0')],
    ['a cut tensor', encodeWeights(small).slice(0, -1)],
    ['surplus bytes', Uint8Array.of(...encodeWeights(small), 0)],
    ['a header longer than the blob', Uint8Array.of(...new TextEncoder().encode('LUTRAWT1'), 255, 0, 0, 0)],
    ['a header that is not JSON', Uint8Array.of(...new TextEncoder().encode('LUTRAWT1'), 1, 0, 0, 0, 0x7b)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeWeights(bytes)).toThrowError(expect.objectContaining({ code: 'missing-weights' }));
  });
});
