import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { arbitraryNetwork } from './arbitrary-network.js';

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

describe('initializeWeights', () => {
  it('draws kernels of the deviation that keeps variance, by what follows them', () => {
    const weights = initializeWeights(buildZooNetwork('mobilenet-v3-small', {}), seededRng(1));
    const ratio = (name: string, expected: number) => deviation(weights.get(name)!.data) / expected;
    // He: sqrt(2 / fan-in), fan-in = input channels × kernel area of one filter.
    expect(ratio('block10/expand/conv/kernel', Math.sqrt(2 / 96))).toBeCloseTo(1, 1);
    expect(ratio('block10/depthwise/conv/kernel', Math.sqrt(2 / 25))).toBeCloseTo(1, 1);
    expect(ratio('block10/se/squeeze/kernel', Math.sqrt(2 / 576))).toBeCloseTo(1, 1);
    expect(ratio('classifier/dense1/kernel', Math.sqrt(2 / 576))).toBeCloseTo(1, 1);
    // No rectifier behind a gate or the last layer.
    expect(ratio('block10/se/excite/kernel', Math.sqrt(1 / 144))).toBeCloseTo(1, 1);
    expect(ratio('classifier/dense2/kernel', Math.sqrt(1 / 1024))).toBeCloseTo(1, 1);
  });

  it('starts batch norm as the identity and biases at zero', () => {
    const weights = initializeWeights(buildZooNetwork('mobilenet-v3-tiny', {}), seededRng(1));
    const values = (name: string) => [...new Set(weights.get(name)!.data)];
    expect(values('stem/bn/gamma')).toEqual([1]);
    expect(values('stem/bn/beta')).toEqual([0]);
    expect(values('stem/bn/mean')).toEqual([0]);
    expect(values('stem/bn/variance')).toEqual([1]);
    expect(values('classifier/dense2/bias')).toEqual([0]);
  });

  it('gives equal weights for equal seeds, and complete ones for any network', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer(), (network, seed) => {
        const weights = initializeWeights(network, seededRng(seed));
        checkWeights(network, weights);
        expect(initializeWeights(network, seededRng(seed))).toEqual(weights);
      }),
      { numRuns: 50 },
    );
  });
});
