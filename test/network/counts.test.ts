import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMacs, macsByNode } from '../../core/network/macs.js';
import { peakActivationBytes } from '../../core/network/memory.js';
import type { Network } from '../../core/network/network.js';
import { countParams } from '../../core/network/params.js';
import { inferShapes } from '../../core/network/shapes.js';
import { checkWeights, weightShapes } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { arbitraryNetwork } from './arbitrary-network.js';
import { smallNetwork } from './small-network.js';

describe('countMacs', () => {
  it('counts kernels only', () => {
    const counted = [...macsByNode(smallNetwork)].filter(([, macs]) => macs > 0);
    expect(counted).toEqual([
      ['stem', 648], // 3·3 positions × 4 filters × 3·3·2
      ['expand', 288], // 9 × 8 × 4
      ['depthwise', 648], // 9 × 8 × 3·3
      ['se/squeeze', 24],
      ['se/excite', 24],
      ['project', 288],
      ['dense', 180], // 36 × 5
    ]);
    expect(countMacs(smallNetwork)).toBe(2100);
  });
});

describe('countParams', () => {
  it('counts batch norm scale and shift, not running statistics', () => {
    // 72 + 8, 32 + 8, 72, 24 + 3, 24 + 8, 32, 180 + 5
    expect(countParams(smallNetwork)).toBe(468);
  });
});

describe('peakActivationBytes', () => {
  it('counts what is alive at once', () => {
    // While the depthwise convolution runs: stem 36, expand 72, depthwise 72 elements.
    expect(peakActivationBytes(smallNetwork)).toBe((36 + 72 + 72) * 4);
    expect(peakActivationBytes(smallNetwork, 1)).toBe(180);
  });

  it('keeps a residual alive and writes element-wise results in place', () => {
    // MobileNetV2's peak is the first strided depthwise: 112·112·96 in, 56·56·96 out.
    expect(peakActivationBytes(buildZooNetwork('mobilenet-v2', {}))).toBe((1_204_224 + 301_056) * 4);
  });

  it('does not write over a map that is read again', () => {
    const network: Network = {
      name: 'reread',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [1, 1, 10] },
        { id: 'act', op: 'activation', inputs: ['in'], activation: 'relu' },
        { id: 'sum', op: 'add', inputs: ['in', 'act'] },
      ],
    };
    expect(peakActivationBytes(network, 1)).toBe(20);
  });

  it('does not write a map over a vector that dies', () => {
    const network: Network = {
      name: 'gated',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [2, 2, 8] },
        { id: 'gap', op: 'globalAvgPool', inputs: ['in'] },
        { id: 'mul', op: 'mul', inputs: ['in', 'gap'] },
        { id: 'sum', op: 'add', inputs: ['mul', 'in'] },
      ],
    };
    expect(peakActivationBytes(network, 1)).toBe(32 + 8 + 32);
  });

  it('is at least the largest map and at most all of them', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (network) => {
        const sizes = [...inferShapes(network).values()].map(([h, w, c]) => h * w * c);
        const peak = peakActivationBytes(network, 1);
        expect(peak).toBeGreaterThanOrEqual(Math.max(...sizes));
        expect(peak).toBeLessThanOrEqual(sizes.reduce((a, b) => a + b, 0));
      }),
    );
  });
});

describe('weightShapes', () => {
  it('lists every tensor in the order of the nodes', () => {
    expect([...weightShapes(smallNetwork)]).toEqual([
      ['stem/kernel', [4, 2, 3, 3]],
      ['stem/bn/gamma', [4]],
      ['stem/bn/beta', [4]],
      ['stem/bn/mean', [4]],
      ['stem/bn/variance', [4]],
      ['expand/kernel', [8, 4, 1, 1]],
      ['expand/bias', [8]],
      ['depthwise/kernel', [8, 1, 3, 3]],
      ['se/squeeze/kernel', [3, 8, 1, 1]],
      ['se/squeeze/bias', [3]],
      ['se/excite/kernel', [8, 3, 1, 1]],
      ['se/excite/bias', [8]],
      ['project/kernel', [4, 8, 1, 1]],
      ['dense/kernel', [5, 36]],
      ['dense/bias', [5]],
    ]);
  });
});

describe('checkWeights', () => {
  const complete = (): Map<string, { shape: readonly number[]; data: Float32Array }> =>
    new Map(
      [...weightShapes(smallNetwork)].map(([name, shape]) => [
        name,
        { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
      ]),
    );

  const refusal = (weights: Weights): string => {
    try {
      checkWeights(smallNetwork, weights);
    } catch (error) {
      expect(error).toMatchObject({ code: 'missing-weights' });
      return (error as Error).message;
    }
    return 'accepted';
  };

  it('accepts what fits and names what does not', () => {
    expect(refusal(complete())).toBe('accepted');
    const missing = complete();
    missing.delete('se/excite/bias');
    expect(refusal(missing)).toBe("weight 'se/excite/bias': expected shape [8], got none");
    const wrongShape = complete().set('project/kernel', { shape: [8, 4, 1, 1], data: new Float32Array(32) });
    expect(refusal(wrongShape)).toBe("weight 'project/kernel': expected shape [4,8,1,1], got [8,4,1,1]");
    const wrongLength = complete().set('dense/bias', { shape: [5], data: new Float32Array(4) });
    expect(refusal(wrongLength)).toBe("weight 'dense/bias': expected 5 elements, got 4");
    const stray = complete().set('project/bias', { shape: [4], data: new Float32Array(4) });
    expect(refusal(stray)).toBe("weight 'project/bias': the network has no such weight");
  });
});
