import { describe, expect, it } from 'vitest';
import { memoryExcess } from '../../core/latency/memory-curve.js';
import { memoryNs, opMemory } from '../../core/latency/network-sums.js';

const at = (footprintBytes: number, nsPerByte: number) => ({ footprintBytes, nsPerByte });

describe('memoryExcess', () => {
  it('is what a byte costs above the cheapest, linear in the logarithm between points, flat beyond them', () => {
    const excess = memoryExcess([at(4e6, 0.03), at(1e6, 0.01), at(16e6, 0.05)]);
    expect(excess(1)).toBe(0);
    expect(excess(1e6)).toBe(0);
    expect(excess(2e6)).toBeCloseTo(0.01, 12);
    expect(excess(4e6)).toBeCloseTo(0.02, 12);
    expect(excess(8e6)).toBeCloseTo(0.03, 12);
    expect(excess(1e9)).toBeCloseTo(0.04, 12);
    expect(excess(Number.POSITIVE_INFINITY)).toBeCloseTo(0.04, 12);
  });

  it('never falls: readings that do are pooled', () => {
    const excess = memoryExcess([at(1e6, 0.01), at(2e6, 0.016), at(4e6, 0.012), at(8e6, 0.03)]);
    expect(excess(2e6)).toBeCloseTo(0.004, 12);
    expect(excess(4e6)).toBeCloseTo(0.004, 12);
    expect(excess(8e6)).toBeCloseTo(0.02, 12);
  });

  it('has one price where there is one point', () => {
    expect(memoryExcess([at(1e6, 0.01)])(5e6)).toBe(0);
  });
});

describe('memory of networks', () => {
  it('counts weights with biases, and the maps that ops write', () => {
    expect(opMemory('conv2d:14x14x80>184:k1x1:s1x1:hswish:f32')).toEqual({
      weightBytes: 4 * (80 * 184 + 184),
      mapBytes: 4 * 14 * 14 * 184,
    });
    expect(opMemory('dense:1280>1000:f32')).toEqual({ weightBytes: 4 * 1281 * 1000, mapBytes: 4000 });
  });

  it('prices all bytes at the footprint of weights and half of the maps', () => {
    const excess = (footprintBytes: number) =>
      footprintBytes === Number.POSITIVE_INFINITY ? 1 : footprintBytes / 1e9;
    // (10 + 4) MB at 12 MB: 0.012 ns a byte.
    expect(memoryNs({ weightBytes: 10e6, mapBytes: 4e6 }, excess, 'steady')).toBeCloseTo(168_000, 6);
    // Cold: 10 MB of weights at 1 ns, maps as before.
    expect(memoryNs({ weightBytes: 10e6, mapBytes: 4e6 }, excess, 'cold')).toBeCloseTo(10_048_000, 6);
  });
});
