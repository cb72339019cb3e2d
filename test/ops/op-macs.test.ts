import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs, opOutputShape, opParamBytes } from '../../core/ops/op-macs.js';
import { arbitraryOp } from './arbitrary-op.js';

describe('an op’s figures', () => {
  it.each([
    ['conv2d:14x14x80>184:k1x1:s1x1:hswish:f32', 2_885_120, 59_616, [14, 14, 184]],
    ['conv2d:224x224x3>16:k3x3:s2x2:hswish:f32', 5_419_008, 1_792, [112, 112, 16]],
    ['conv2d:14x14x80>40:k3x3:s1x1:valid:g4:f32', 1_036_800, 28_960, [12, 12, 40]],
    ['depthwise:14x14x672:k5x5:s2x2:hswish:f32', 823_200, 69_888, [7, 7, 672]],
    ['squeezeExcite:14x14x480>120:relu:hsigmoid:f32', 115_200, 463_200, [14, 14, 480]],
    ['globalAvgPool:7x7x960:f32', 0, 0, [1, 1, 960]],
    ['dense:960>1280:hswish:f32', 1_228_800, 4_920_320, [1, 1, 1280]],
    ['avgPool:9x8x16:k3x3:s2x2:valid:f32', 0, 0, [4, 3, 16]],
    ['concat:7x7x16+8+16:f32', 0, 0, [7, 7, 40]],
    ['flatten:7x6x16:f32', 0, 0, [1, 1, 672]],
    ['batchNorm:7x7x16:f32', 0, 128, [7, 7, 16]],
    ['mul:7x7x16:spread:f32', 0, 0, [7, 7, 16]],
    ['add:7x7x16:f32', 0, 0, [7, 7, 16]],
    ['activation:7x7x16:relu:f32', 0, 0, [7, 7, 16]],
  ])('%s', (key, macs, paramBytes, output) => {
    const op = decodeOpKey(key);
    expect(opMacs(op)).toBe(macs);
    expect(opParamBytes(op)).toBe(paramBytes);
    expect(opOutputShape(op)).toEqual(output);
  });

  it('are whole numbers for any op', () => {
    fc.assert(
      fc.property(arbitraryOp, (op) => {
        const figures = [opMacs(op), opParamBytes(op), ...opOutputShape(op)];
        expect(figures.every((figure) => Number.isInteger(figure) && figure >= 0)).toBe(true);
      }),
    );
  });
});
