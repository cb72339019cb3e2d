import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LutraError } from '../../core/errors.js';
import { canonicalOp } from '../../core/ops/canonical-op.js';
import type { Conv2dOp, Op } from '../../core/ops/op.js';
import { decodeOpKey, encodeOpKey } from '../../core/ops/op-key.js';
import { arbitraryOp } from './arbitrary-op.js';

const pointwise: Conv2dOp = {
  kind: 'conv2d',
  dtype: 'float32',
  input: [14, 14, 80],
  filters: 184,
  kernel: [1, 1],
  stride: [1, 1],
  padding: 'same',
  groups: 1,
  residual: false,
  activation: 'hswish',
};

const dtype = 'float32';

/** One op of every kind with its key, as a database keeps it. */
const KEYS: readonly (readonly [string, Op])[] = [
  ['conv2d:14x14x80>184:k1x1:s1x1:hswish:f32', pointwise],
  [
    'conv2d:14x14x80>184:k3x5:s1x2:valid:g4:add:f32',
    {
      ...pointwise,
      kernel: [3, 5],
      stride: [1, 2],
      padding: 'valid',
      groups: 4,
      residual: true,
      activation: null,
    },
  ],
  [
    'conv2d:224x224x3>16:k3x3:s2x2:p1.0.0.1:relu6:f32',
    {
      ...pointwise,
      input: [224, 224, 3],
      filters: 16,
      kernel: [3, 3],
      stride: [2, 2],
      padding: [1, 0, 0, 1],
      activation: 'relu6',
    },
  ],
  [
    'depthwise:14x14x200:k5x5:s2x2:relu:f32',
    {
      kind: 'depthwise',
      dtype,
      input: [14, 14, 200],
      kernel: [5, 5],
      stride: [2, 2],
      padding: 'same',
      residual: false,
      activation: 'relu',
    },
  ],
  [
    'squeezeExcite:14x14x480>120:relu:hsigmoid:f32',
    {
      kind: 'squeezeExcite',
      dtype,
      input: [14, 14, 480],
      squeeze: 120,
      activation: 'relu',
      gate: 'hsigmoid',
    },
  ],
  ['globalAvgPool:7x7x960:f32', { kind: 'globalAvgPool', dtype, input: [7, 7, 960] }],
  [
    'maxPool:8x8x16:k2x2:s2x2:f32',
    { kind: 'maxPool', dtype, input: [8, 8, 16], kernel: [2, 2], stride: [2, 2], padding: 'same' },
  ],
  [
    'avgPool:9x9x16:k3x3:s1x1:valid:f32',
    { kind: 'avgPool', dtype, input: [9, 9, 16], kernel: [3, 3], stride: [1, 1], padding: 'valid' },
  ],
  ['dense:960>1280:hswish:f32', { kind: 'dense', dtype, inputs: 960, units: 1280, activation: 'hswish' }],
  ['dense:1280>1000:f32', { kind: 'dense', dtype, inputs: 1280, units: 1000, activation: null }],
  ['activation:7x7x16:softmax:f32', { kind: 'activation', dtype, input: [7, 7, 16], activation: 'softmax' }],
  ['add:7x7x16:f32', { kind: 'add', dtype, input: [7, 7, 16] }],
  ['mul:7x7x16:f32', { kind: 'mul', dtype, input: [7, 7, 16], spread: false }],
  ['mul:7x7x16:spread:f32', { kind: 'mul', dtype, input: [7, 7, 16], spread: true }],
  [
    'concat:7x7x16+8+16:f32',
    {
      kind: 'concat',
      dtype,
      inputs: [
        [7, 7, 16],
        [7, 7, 8],
        [7, 7, 16],
      ],
    },
  ],
  ['flatten:7x7x16:f32', { kind: 'flatten', dtype, input: [7, 7, 16] }],
  ['batchNorm:7x7x16:f32', { kind: 'batchNorm', dtype, input: [7, 7, 16] }],
];

describe('op keys', () => {
  it.each(KEYS)('%s', (key, op) => {
    expect(encodeOpKey(op)).toBe(key);
    expect(decodeOpKey(key)).toEqual(op);
  });

  it('come back as the same op, in one spelling', () => {
    fc.assert(
      fc.property(arbitraryOp, (op) => {
        const key = encodeOpKey(op);
        expect(decodeOpKey(key)).toEqual(canonicalOp(op));
        expect(key).toMatch(/^[A-Za-z0-9:>+.]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('decode to nothing else: a key changed anywhere is refused or is another canonical key', () => {
    const edit = fc.tuple(
      fc.nat(60),
      fc.constantFrom('', '0', '1', '9', ':', 'x', '>', 'g1', ':add', ':valid', '-'),
    );
    fc.assert(
      fc.property(arbitraryOp, edit, fc.nat(2), (op, [at, inserted], removed) => {
        const key = encodeOpKey(op);
        const changed = key.slice(0, at) + inserted + key.slice(at + removed);
        try {
          expect(encodeOpKey(decodeOpKey(changed))).toBe(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(LutraError);
          expect((error as LutraError).code).toBe('invalid-op-key');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('are shared by spellings of equal effect', () => {
    const square = { ...pointwise, kernel: [3, 3], input: [15, 15, 80] } as const;
    expect(encodeOpKey({ ...square, padding: [1, 1, 1, 1] })).toBe(encodeOpKey(square));
    expect(encodeOpKey({ ...pointwise, padding: 'valid' })).toBe(encodeOpKey(pointwise));
    // The last row and column of padding are never reached: 14 pixels, kernel 3, stride 2, one pixel before.
    const strided = { ...square, input: [14, 14, 80], stride: [2, 2] } as const;
    expect(encodeOpKey({ ...strided, padding: [1, 1, 1, 1] })).toBe(
      encodeOpKey({ ...strided, padding: [1, 0, 0, 1] }),
    );
    expect(encodeOpKey({ ...strided, padding: [1, 1, 1, 1] })).not.toBe(encodeOpKey(strided));
    expect(encodeOpKey({ ...pointwise, input: [14, 14, 8], filters: 8, groups: 8 })).toBe(
      'depthwise:14x14x8:k1x1:s1x1:hswish:f32',
    );
  });

  it.each([
    ['', 'a known kind of op'],
    ['conv3d:14x14x80>184:k1x1:s1x1:f32', 'a known kind of op'],
    ['conv2d:14x14x80>184:k1x1:s1x1:hswish', 'an element type, f32 or i8'],
    ['conv2d:14x14x80>184:k1x1:s1x1:hswish:f16', 'an element type, f32 or i8'],
    ['conv2d:14x14x80>184:k1x1:s1x1:hswish:f32:f32', 'nothing more'],
    ['conv2d:14x14x80>184:k1x1:s1x1:gelu:f32', 'an element type, f32 or i8'],
    ['conv2d:014x14x80>184:k1x1:s1x1:f32', 'the canonical "conv2d:14x14x80>184:k1x1:s1x1:f32"'],
    ['conv2d:14x14x80>184:k1x1:s1x1:valid:f32', 'the canonical "conv2d:14x14x80>184:k1x1:s1x1:f32"'],
    ['conv2d:14x14x80>184:k1x1:s1x1:g1:f32', 'the canonical'],
    ['conv2d:14x14x8>8:k3x3:s1x1:g8:f32', 'the canonical "depthwise:14x14x8:k3x3:s1x1:f32"'],
    ['conv2d:14x14x80>184:k1x1:s1x1:hswish:add:f32', 'an element type, f32 or i8'],
    ['conv2d:14x14x80>184:k1x1:s0x1:f32', 'a number from 1 to 256 instead of 0'],
    ['conv2d:14x14x80>184:k1x1:s1x1:g3:f32', 'groups that divide'],
    ['conv2d:14x14x80>1000000000:k1x1:s1x1:f32', 'a number from 1 to 16384'],
    ['conv2d:4096x4096x8>16384:k1x1:s1x1:f32', 'tensors of at most 134217728 elements'],
    ['conv2d:1x1x16384>16384:k1x1:s1x1:f32', 'tensors of at most 134217728 elements'],
    ['conv2d:4x4x8>8:k5x5:s1x1:valid:f32', 'a kernel that fits'],
    ['conv2d:14x14x80:k1x1:s1x1:f32', 'HxWxC>channels'],
    ['depthwise:14x14x0:k3x3:s1x1:f32', 'a number from 1'],
    ['dense:1e3>10:f32', 'inputs>units'],
    ['concat:7x7x16:f32', 'HxWxC1+C2'],
    ['flatten:7x7:f32', 'a shape HxWxC'],
    ['activation:7x7x16:f32', 'one of relu'],
    ['mul:1x1x16:spread:f32', 'the canonical "mul:1x1x16:f32"'],
  ])('refuses %j', (key, expected) => {
    expect(() => decodeOpKey(key)).toThrowError(
      expect.objectContaining({ code: 'invalid-op-key', message: expect.stringContaining(expected) }),
    );
  });

  it('refuses a key longer than any op needs', () => {
    const key = `concat:7x7x16${'+16'.repeat(2_000)}:f32`;
    expect(() => decodeOpKey(key)).toThrowError(
      expect.objectContaining({
        code: 'invalid-op-key',
        message: 'op key: expected at most 4096 characters',
      }),
    );
  });
});
