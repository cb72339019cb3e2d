import { describe, expect, it } from 'vitest';
import { memoryExcess } from '../../core/latency/memory-curve.js';
import { memoryNs, opMemory } from '../../core/latency/network-sums.js';

const at = (footprintBytes: number, nsPerByte: number) => ({ footprintBytes, nsPerByte });

/** Two levels of cache up to 0.5 MB and from 4 to 16 MB, then memory. */
const HOST = [
  at(0.5e6, 0.004),
  at(1e6, 0.006),
  at(2e6, 0.008),
  at(4e6, 0.01),
  at(8e6, 0.011),
  at(16e6, 0.011),
  at(32e6, 0.022),
  at(64e6, 0.03),
];

describe('memoryExcess', () => {
  it('is what a byte costs above the last level of cache, linear in the logarithm between points', () => {
    const excess = memoryExcess(HOST);
    for (const cheap of [1, 0.5e6, 4e6, 12e6, 16e6]) expect(excess(cheap, 0)).toBe(0);
    expect(excess(16e6 * Math.SQRT2, 0)).toBeCloseTo(0.0055, 12);
    expect(excess(32e6, 0)).toBeCloseTo(0.011, 12);
    for (const large of [64e6, 1e9, Number.POSITIVE_INFINITY])
      expect(excess(large, 0)).toBeCloseTo(0.019, 12);
  });

  it('rises with the time between two uses, linear between points, flat beyond them', () => {
    const later = (idleMs: number, footprintBytes: number, nsPerByte: number) => ({
      ...at(footprintBytes, nsPerByte),
      idleMs,
    });
    const excess = memoryExcess([
      ...HOST,
      later(1, 4e6, 0.013),
      later(1, 16e6, 0.015),
      later(1, 32e6, 0.025),
      later(4, 4e6, 0.02),
      later(4, 16e6, 0.023),
      // A reading that fell: it is pooled with the one after 1 ms.
      later(4, 32e6, 0.023),
    ]);
    expect(excess(16e6, 0)).toBe(0);
    expect(excess(16e6, 0.5e6)).toBeCloseTo(0.002, 12);
    expect(excess(16e6, 1e6)).toBeCloseTo(0.004, 12);
    expect(excess(8e6, 1e6)).toBeCloseTo(0.003, 12);
    expect(excess(16e6, 3e6)).toBeCloseTo(0.004 + (2 / 3) * 0.008, 12);
    expect(excess(16e6, 9e6)).toBeCloseTo(0.012, 12);
    expect(excess(32e6, 1e6)).toBeCloseTo(0.013, 12);
    expect(excess(32e6, 4e6)).toBeCloseTo(0.013, 12);
  });

  it('does not depend on the order of points', () => {
    expect(memoryExcess([...HOST].reverse())(32e6, 0)).toBeCloseTo(0.011, 12);
  });

  it('counts from the cheapest byte where the curve has no step between', () => {
    const excess = memoryExcess([at(1e6, 0.01), at(4e6, 0.03), at(16e6, 0.05)]);
    expect(excess(2e6, 0)).toBeCloseTo(0.01, 12);
    expect(excess(16e6, 0)).toBeCloseTo(0.04, 12);
  });

  it('never falls: readings that do are pooled', () => {
    const excess = memoryExcess([at(2e6, 0.01), at(4e6, 0.016), at(8e6, 0.012), at(16e6, 0.03)]);
    // Pooled to 0.014 at 4 and 8 MB, which is the flattest octave.
    expect(excess(4e6, 0)).toBe(0);
    expect(excess(8e6, 0)).toBe(0);
    expect(excess(16e6, 0)).toBeCloseTo(0.016, 12);
  });

  it('finds the last level on a host whose memory others keep busy, where it costs little more than the first', () => {
    const excess = memoryExcess([
      ...[0.25e6, 0.5e6].map((bytes) => at(bytes, 0.009)),
      at(1e6, 0.0105),
      at(2e6, 0.011),
      at(4e6, 0.0105),
      at(8e6, 0.0105),
      at(16e6, 0.017),
      at(32e6, 0.03),
      at(64e6, 0.045),
    ]);
    expect(excess(8e6, 0)).toBe(0);
    expect(excess(16e6, 0)).toBeCloseTo(0.0063, 3);
    expect(excess(32e6, 0)).toBeCloseTo(0.0193, 3);
  });

  it('has one price where there is one point', () => {
    expect(memoryExcess([at(1e6, 0.01)])(5e6, 0)).toBe(0);
  });
});

describe('memory of networks', () => {
  it('counts weights with biases, and the maps that ops write', () => {
    expect(opMemory('conv2d:14x14x80>184:k1x1:s1x1:hswish:f32')).toEqual({
      weightBytes: 4 * (80 * 184 + 184),
      mapBytes: 4 * 14 * 14 * 184,
    });
    expect(opMemory('dense:1280>1000:f32')).toEqual({ weightBytes: 4 * 1281 * 1000, mapBytes: 4000 });
    // Out of the layout of blocks, the product, and back.
    expect(opMemory('squeezeExcite:14x14x480>120:relu:hsigmoid:f32').mapBytes).toBe(3 * 4 * 14 * 14 * 480);
  });

  it('prices weights and maps at the footprint of both, weights after the time of an inference', () => {
    const excess = (footprintBytes: number, idleNs: number) =>
      footprintBytes === Number.POSITIVE_INFINITY ? 1 : footprintBytes / 1e9 + idleNs / 1e9;
    const sums = { opNs: 2e6, weightBytes: 10e6, mapBytes: 4e6 };
    // (10 + 4) MB at 14 MB: 0.014 ns a byte, and 0.002 more for the weights.
    expect(memoryNs(sums, excess, 'steady')).toBeCloseTo(196_000 + 20_000, 6);
    // Cold: 10 MB of weights at 1 ns, maps as before.
    expect(memoryNs(sums, excess, 'cold')).toBeCloseTo(10_056_000, 6);
  });
});
