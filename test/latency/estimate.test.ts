import { describe, expect, it } from 'vitest';
import { estimateNetwork, estimateOps } from '../../core/latency/estimate.js';
import { LatencyTable, type NetworkObservation, type TableEntry } from '../../core/latency/latency-table.js';
import { NO_SUMS } from '../../core/latency/network-sums.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

function entry(key: string, latencyNs: number, halfWidthNs: number): TableEntry {
  return {
    key,
    latencyNs,
    lowNs: latencyNs - halfWidthNs,
    highNs: latencyNs + halfWidthNs,
    source: 'measured',
    samples: 80,
    measuredAtMs: 1,
  };
}

function tableOf(
  entries: readonly TableEntry[],
  observations: readonly NetworkObservation[] = [],
): LatencyTable {
  return new LatencyTable({ device: 'd', environmentHash: 'e', channelStep: 16, entries, observations });
}

const ENTRIES = [entry('a', 1_000_000, 30_000), entry('b', 2_000_000, 40_000)];

describe('LatencyTable', () => {
  it('sums op latencies with repeats, and knows nothing of a sum with an unknown op', () => {
    const table = tableOf(ENTRIES);
    expect(table.sums(['a', 'b', 'a'])).toEqual({ ...NO_SUMS, opNs: 4_000_000 });
    expect(table.sums([])).toEqual(NO_SUMS);
    expect(table.sums(['a', 'x'])).toBeNull();
    expect(table.size).toBe(2);
  });

  it('calibrates itself on the observations it is given', () => {
    const table = tableOf(ENTRIES, [{ networkHash: 'n', latencyNs: 3_300_000, opKeys: ['a', 'b'] }]);
    expect(table.calibration.scale).toBeCloseTo(1.1, 9);
  });
});

describe('estimateOps', () => {
  it('scales the sum and shares it out', () => {
    const table = tableOf(ENTRIES, [{ networkHash: 'n', latencyNs: 3_300_000, opKeys: ['a', 'b'] }]);
    const estimate = estimateOps(table, ['a', 'b', 'a']);
    expect(estimate.latencyMs).toBeCloseTo(4.4, 9);
    expect(estimate.partialMs).toBe(estimate.latencyMs);
    expect(estimate.coverage).toBe(1);
    expect(estimate.missing).toEqual([]);
    expect(estimate.ops).toEqual([
      { key: 'a', count: 2, latencyMs: expect.closeTo(2.2, 9), share: 0.5, source: 'measured' },
      { key: 'b', count: 1, latencyMs: expect.closeTo(2.2, 9), share: 0.5, source: 'measured' },
    ]);
  });

  it('joins the spread of ops and of calibration in quadrature', () => {
    const { latencyMs, interval } = estimateOps(tableOf(ENTRIES), ['a', 'b', 'a']);
    // Ops: √((2·30)² + 40²) of 4,000 µs = 1.803 %. Calibration `none`: −15 % and +65 %.
    expect(latencyMs).toBe(4);
    expect(interval?.lowMs).toBeCloseTo(4 * (1 - Math.hypot(0.15, 0.0180278)), 5);
    expect(interval?.highMs).toBeCloseTo(4 * (1 + Math.hypot(0.65, 0.0180278)), 5);
    expect(interval?.level).toBe(0.95);
  });

  it('gives no latency where an op is missing, and says what is known', () => {
    const estimate = estimateOps(tableOf(ENTRIES), ['a', 'x', 'x', 'b']);
    expect(estimate.latencyMs).toBeNull();
    expect(estimate.interval).toBeNull();
    expect(estimate.partialMs).toBe(3);
    expect(estimate.coverage).toBe(0.5);
    expect(estimate.missing).toEqual(['x']);
    expect(estimate.ops[1]).toEqual({ key: 'x', count: 2, latencyMs: null, share: null, source: null });
  });

  it('is never 0 for an unknown network', () => {
    const estimate = estimateOps(tableOf([]), ['x']);
    expect(estimate.latencyMs).toBeNull();
    expect(estimate.partialMs).toBeNull();
    expect(estimate.coverage).toBe(0);
  });
});

describe('memory', () => {
  const KEYS = ['dense:1280>1000:f32', 'dense:1000>1000:f32'];
  const MB = 2 ** 20;
  const source = {
    device: 'd',
    environmentHash: 'e',
    channelStep: 16,
    entries: KEYS.map((key) => entry(key, 100_000, 1_000)),
    observations: [],
  };
  const curve = [
    { footprintBytes: MB, nsPerByte: 0.01 },
    { footprintBytes: 8 * MB, nsPerByte: 0.01 },
    { footprintBytes: 32 * MB, nsPerByte: 0.05 },
  ];

  it('is priced for the whole footprint, where the host is known', () => {
    const table = new LatencyTable({ ...source, memoryCurve: curve });
    const [weights, maps, kernels] = [4 * (1281 + 1001) * 1000, 8_000, 2 * 22 * 1024];
    const beyond = 0.04 * (Math.log((weights + maps + kernels) / (8 * MB)) / Math.log(4));
    // Weights and maps have paid what the nearest cache costs, which is the last level too, and code half of that.
    const memoryNs = (weights + maps) * beyond + kernels * (beyond + 0.005);
    const estimate = estimateOps(table, KEYS);
    expect(estimate.latencyMs).toBeCloseTo((200_000 + memoryNs) / 1e6, 9);
    expect(estimate.ops.reduce((sum, { latencyMs }) => sum + latencyMs!, 0)).toBeCloseTo(
      estimate.latencyMs!,
      9,
    );
    expect(estimate.ops.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 9);
    expect(table.calibration.memory).toEqual({ once: 1, streamed: 1, beyond: 0 });
  });

  it('costs small networks some code alone, and cold ones more', () => {
    const table = new LatencyTable({ ...source, memoryCurve: curve });
    const kernelBytes = 22 * 1024;
    expect(estimateOps(table, [KEYS[0]!]).latencyMs).toBeCloseTo((100_000 + kernelBytes * 0.005) / 1e6, 9);
    const cold = estimateOps(table, [KEYS[0]!], 'cold');
    expect(cold.latencyMs).toBeCloseTo((100_000 + 4 * 1281 * 1000 * 0.04 + kernelBytes * 0.045) / 1e6, 9);
    expect(cold.target).toBe('cold');
  });

  it('is left out where nobody has measured the host', () => {
    const table = new LatencyTable(source);
    expect(estimateOps(table, KEYS).latencyMs).toBe(0.2);
    expect(table.calibration.memory).toBeNull();
  });

  it('counts as often as networks say, and its ops still add up', () => {
    const priced = new LatencyTable({ ...source, memoryCurve: curve });
    const observations = Array.from({ length: 8 }, (_, i): NetworkObservation => {
      const opKeys = Array.from({ length: i + 1 }, () => KEYS[0]!);
      const sums = priced.sums(opKeys)!;
      return { networkHash: `n${i}`, latencyNs: 1.1 * (2 * priced.modelNs(sums) - sums.opNs), opKeys };
    });
    const table = new LatencyTable({ ...source, memoryCurve: curve, observations });
    expect(table.calibration.memory!.once).toBeCloseTo(2, 1);
    expect(table.calibration.scale).toBeCloseTo(1.1, 1);
    const estimate = estimateOps(table, KEYS);
    const sums = priced.sums(KEYS)!;
    expect(estimate.latencyMs! * 1e6).toBeCloseTo(1.1 * (2 * priced.modelNs(sums) - sums.opNs), -4);
    expect(estimate.ops.reduce((sum, { latencyMs }) => sum + latencyMs!, 0)).toBeCloseTo(
      estimate.latencyMs!,
      9,
    );
  });

  it('calibrates each target on its own networks', () => {
    const observations: NetworkObservation[] = [
      { networkHash: 'n', latencyNs: 220_000, opKeys: KEYS },
      { networkHash: 'n', latencyNs: 300_000, opKeys: KEYS, target: 'cold' },
    ];
    const table = new LatencyTable({ ...source, observations });
    expect(table.calibrationOf('steady').scale).toBeCloseTo(1.1, 9);
    expect(table.calibrationOf('cold').scale).toBeCloseTo(1.5, 9);
  });
});

describe('derived entries', () => {
  const conv = (filters: number) => `conv2d:14x14x16>${filters}:k1x1:s1x1:f32`;

  it('complete an estimate, counted apart, with a wider interval', () => {
    const table = tableOf([entry(conv(48), 10_000, 100), entry(conv(16), 5_000, 50)]);
    const estimate = estimateOps(table, [conv(40), conv(16)]);
    expect(estimate).toMatchObject({ latencyMs: 0.015, coverage: 0.5, derived: 0.5, missing: [] });
    expect(estimate.ops[0]).toMatchObject({ key: conv(40), source: 'snapped' });
    const measured = estimateOps(table, [conv(48), conv(16)]);
    expect(estimate.interval!.highMs).toBeGreaterThan(measured.interval!.highMs);
    expect(table.sums([conv(40)])).toBeNull();
  });
});

describe('estimateNetwork', () => {
  it('estimates the ops that the network fuses into', () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const ops = fuse(network);
    const keys = [...new Set(ops.map(({ key }) => key))];
    const table = tableOf(keys.map((key) => entry(key, 10_000, 100)));
    expect(estimateNetwork(table, network).latencyMs).toBeCloseTo(ops.length * 0.01, 9);
  });
});
