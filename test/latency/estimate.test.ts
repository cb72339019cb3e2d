import { describe, expect, it } from 'vitest';
import { estimateNetwork, estimateOps } from '../../core/latency/estimate.js';
import { LatencyTable, type NetworkObservation, type TableEntry } from '../../core/latency/latency-table.js';
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
    expect(table.sumNs(['a', 'b', 'a'])).toBe(4_000_000);
    expect(table.sumNs([])).toBe(0);
    expect(table.sumNs(['a', 'x'])).toBeNull();
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

describe('estimateNetwork', () => {
  it('estimates the ops that the network fuses into', () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const ops = fuse(network);
    const keys = [...new Set(ops.map(({ key }) => key))];
    const table = tableOf(keys.map((key) => entry(key, 10_000, 100)));
    expect(estimateNetwork(table, network).latencyMs).toBeCloseTo(ops.length * 0.01, 9);
  });
});
