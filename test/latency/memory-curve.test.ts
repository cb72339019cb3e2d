import { describe, expect, it } from 'vitest';
import { memoryPrices } from '../../core/latency/memory-curve.js';
import { memoryCost, NO_SUMS, networkPrices, opMemory } from '../../core/latency/network-sums.js';

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

describe('memoryPrices', () => {
  it('are linear in the logarithm of the footprint between points, flat beyond them', () => {
    const prices = memoryPrices(HOST);
    expect(prices.at(1, 0)).toBe(0.004);
    expect(prices.at(16e6 * Math.SQRT2, 0)).toBeCloseTo(0.0165, 12);
    expect(prices.at(32e6, 0)).toBeCloseTo(0.022, 12);
    for (const large of [64e6, 1e9, Number.POSITIVE_INFINITY])
      expect(prices.at(large, 0)).toBeCloseTo(0.03, 12);
    expect(prices.nearest).toBe(0.004);
  });

  it('rise with the time between two uses, linear between points, flat beyond them', () => {
    const later = (idleMs: number, footprintBytes: number, nsPerByte: number) => ({
      ...at(footprintBytes, nsPerByte),
      idleMs,
    });
    const prices = memoryPrices([
      ...HOST,
      later(1, 4e6, 0.013),
      later(1, 16e6, 0.015),
      later(1, 32e6, 0.025),
      later(4, 4e6, 0.02),
      later(4, 16e6, 0.023),
      // A reading that fell: it is pooled with the one after 1 ms.
      later(4, 32e6, 0.023),
    ]);
    expect(prices.at(16e6, 0)).toBeCloseTo(0.011, 12);
    expect(prices.at(16e6, 0.5e6)).toBeCloseTo(0.013, 12);
    expect(prices.at(16e6, 1e6)).toBeCloseTo(0.015, 12);
    expect(prices.at(8e6, 1e6)).toBeCloseTo(0.014, 12);
    expect(prices.at(16e6, 3e6)).toBeCloseTo(0.015 + (2 / 3) * 0.008, 12);
    expect(prices.at(16e6, 9e6)).toBeCloseTo(0.023, 12);
    expect(prices.at(32e6, 1e6)).toBeCloseTo(0.024, 12);
    expect(prices.at(32e6, 4e6)).toBeCloseTo(0.024, 12);
    // Nobody read so large an area with pauses: no cheaper than without.
    for (const idleNs of [0, 1e6, 4e6]) expect(prices.at(64e6, idleNs)).toBeCloseTo(0.03, 12);
  });

  it('do not depend on the order of points', () => {
    expect(memoryPrices([...HOST].reverse())).toMatchObject({ nearest: 0.004, lastLevel: 0.011 });
  });

  it('never fall: readings that do are pooled', () => {
    const prices = memoryPrices([at(2e6, 0.01), at(4e6, 0.016), at(8e6, 0.012), at(16e6, 0.03)]);
    expect(prices.at(4e6, 0)).toBeCloseTo(0.014, 12);
    expect(prices.at(8e6, 0)).toBeCloseTo(0.014, 12);
  });

  it('are one where there is one point', () => {
    const prices = memoryPrices([at(1e6, 0.01)]);
    expect([prices.at(5e6, 0), prices.at(1, 7e6), prices.lastLevel]).toEqual([0.01, 0.01, 0.01]);
  });
});

describe('the last level of cache', () => {
  const MB = 2 ** 20;
  const lastLevel = (...curve: readonly (readonly [megabytes: number, nsPerByte: number])[]) =>
    memoryPrices(curve.map(([megabytes, nsPerByte]) => at(megabytes * MB, nsPerByte))).lastLevel;

  it('is where the curve is flat beyond what a core has to itself', () => {
    expect(memoryPrices(HOST).lastLevel).toBe(0.011);
    // Flat beyond the caches, too: that is memory.
    const memory = [0.022, 0.028, 0.028] as const;
    expect(
      lastLevel([2, 0.01], [4, 0.014], [8, 0.014], [16, memory[0]], [32, memory[1]], [64, memory[2]]),
    ).toBe(0.014);
  });

  it('is the cheapest byte where nothing is flat', () => {
    expect(lastLevel([1, 0.01], [4, 0.03], [16, 0.05])).toBe(0.01);
  });

  it('is found on a host whose memory others keep busy, where it costs little more than the first', () => {
    const near = [0.25, 0.5].map((megabytes) => [megabytes, 0.009] as const);
    const far = [[16, 0.017] as const, [32, 0.03] as const, [64, 0.045] as const];
    expect(lastLevel(...near, [1, 0.0105], [2, 0.011], [4, 0.0105], [8, 0.0105], ...far)).toBeCloseTo(
      0.0107,
      4,
    );
  });

  it('is found on a host whose last level costs five times as much as the one before and holds all that was read', () => {
    const near = [0.25, 0.5, 1].map((megabytes) => [megabytes, 0.0065] as const);
    const last = [4, 8, 16, 32].map((megabytes) => [megabytes, 0.034] as const);
    expect(lastLevel(...near, [2, 0.013], ...last)).toBe(0.034);
  });
});

describe('memory of networks', () => {
  const prices = memoryPrices(HOST);
  const CONV = 'conv2d:14x14x80>184:k1x1:s1x1:hswish:f32';
  const KB = 1024;

  it('counts weights with biases, the maps that ops write, and kernels', () => {
    expect(opMemory(CONV, prices)).toMatchObject({
      reusedBytes: 4 * (80 * 184 + 184),
      onceBytes: 22 * KB,
      mapBytes: 4 * 14 * 14 * 184,
    });
    const dense = opMemory('dense:1280>1000:f32', prices);
    expect(dense).toMatchObject({ reusedBytes: 0, onceBytes: 4 * 1281 * 1000 + 22 * KB, mapBytes: 4000 });
    // Out of the layout of blocks, the product, and back. Its weights see one pixel, the mean.
    const gate = opMemory('squeezeExcite:14x14x480>120:relu:hsigmoid:f32', prices);
    expect(gate).toMatchObject({
      reusedBytes: 0,
      onceBytes: 4 * (2 * 480 * 120 + 120 + 480) + (2 * 22 + 5 * 11) * KB,
      mapBytes: 3 * 4 * 14 * 14 * 480,
    });
    const onePixel = opMemory('conv2d:1x1x576>1024:k1x1:s1x1:hswish:f32', prices);
    expect(onePixel).toMatchObject({ reusedBytes: 0, onceBytes: 4 * 577 * 1024 + 22 * KB });
  });

  it('is paid for by ops at what an area of their size costs, weights of convolutions at no less than what is hidden', () => {
    // 59 KB of weights, 144 KB of maps and 22 KB of kernel lie in the nearest cache: 4 ps a byte. Twice that is hidden
    // behind computing, and half of it is the reading's own.
    const small = opMemory(CONV, prices);
    expect(small.reusedPaidNs).toBeCloseTo(small.reusedBytes * 0.008, 6);
    expect(small.oncePaidNs).toBeCloseTo(22 * KB * 0.002, 6);
    // 5.1 MB: between 10 ps at 4 MB and 11 at 8.
    const weightBytes = 4 * 1281 * 1000;
    const alone = prices.at(weightBytes + 4000 + 22 * KB, 0);
    expect(alone).toBeGreaterThan(0.01);
    const { oncePaidNs } = opMemory('dense:1280>1000:f32', prices);
    expect(oncePaidNs).toBeCloseTo(weightBytes * alone + 22 * KB * 0.002, 6);
    const large = opMemory('conv2d:2x2x1280>1000:k1x1:s1x1:relu:f32', prices);
    expect(large.reusedPaidNs / large.reusedBytes).toBeCloseTo(alone, 4);
  });

  it('costs what an area of its size costs, weights and kernels after the time of an inference', () => {
    const host = memoryPrices([
      ...HOST,
      { ...at(16e6, 0.015), idleMs: 1 },
      { ...at(32e6, 0.025), idleMs: 1 },
    ]);
    const bytes = { reusedBytes: 14e6, onceBytes: 6e6, mapBytes: 12e6 };
    const sums = { opNs: 1e6, ...bytes, reusedPaidNs: 112_000, oncePaidNs: 60_000 };
    const steady = networkPrices(sums, host, 'steady');
    expect(steady.usedAgain).toBeCloseTo(0.025, 12);
    expect(steady.map).toBeCloseTo(0.022 - 0.011, 12);
    expect(memoryCost(sums, steady)).toEqual({
      onceNs: expect.closeTo(6e6 * 0.025 - 60_000, 6),
      streamedNs: expect.closeTo(14e6 * 0.025 - 112_000 + 12e6 * 0.011, 6),
      // What costs more than one and a half times as much as in the last level, and all that maps cost.
      beyondNs: expect.closeTo(20e6 * (0.025 - 1.5 * 0.011) + 12e6 * 0.011, 6),
    });
    // Cold: weights and kernels come back after 64 MiB of other work, maps as before.
    const cold = networkPrices(sums, host, 'cold');
    expect(cold.usedAgain).toBeCloseTo(0.03, 12);
    expect(cold.map).toBe(steady.map);
  });

  it('is never less than nothing where all is hidden, and takes nothing off what is used once', () => {
    const hidden = { ...NO_SUMS, opNs: 1e6, reusedBytes: 1e6, reusedPaidNs: 1e6 };
    expect(memoryCost(hidden, networkPrices(hidden, prices, 'steady'))).toEqual({
      onceNs: 0,
      streamedNs: 0,
      beyondNs: 0,
    });
    const both = { ...hidden, onceBytes: 1e6, oncePaidNs: 2_000 };
    expect(memoryCost(both, networkPrices(both, prices, 'steady'))).toEqual({
      onceNs: expect.closeTo(1e6 * 0.008 - 2_000, 3),
      streamedNs: 0,
      beyondNs: 0,
    });
  });
});
