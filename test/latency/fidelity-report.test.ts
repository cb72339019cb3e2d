import { describe, expect, it } from 'vitest';
import { fidelityReport } from '../../core/latency/fidelity-report.js';
import { LatencyTable } from '../../core/latency/latency-table.js';

const KEYS = ['dense:16>16:f32', 'dense:32>16:f32', 'dense:48>16:f32'];
const table = new LatencyTable({
  device: 'd',
  environmentHash: 'e',
  channelStep: 16,
  entries: KEYS.map((key, i) => ({
    key,
    latencyNs: 100_000 * (i + 1),
    lowNs: 100_000 * (i + 1),
    highNs: 100_000 * (i + 1),
    source: 'measured' as const,
    samples: 80,
    measuredAtMs: 0,
  })),
  observations: [{ networkHash: 'n', latencyNs: 110_000, opKeys: [KEYS[0]!] }],
});

describe('fidelityReport', () => {
  it('judges estimates and plain sums by the mean of what was measured, beside the noise of measuring', () => {
    const report = fidelityReport(table, [
      { networkHash: 'a', opKeys: [KEYS[0]!], latenciesNs: [108_900, 111_100] },
      { networkHash: 'b', opKeys: [KEYS[1]!], latenciesNs: [231_000] },
      { networkHash: 'c', opKeys: ['dense:7>7:f32'], latenciesNs: [1] },
    ])!;
    // Scale 1.1. a: exact. b: 220 against 231.
    expect(report.calibrated).toMatchObject({
      networks: 2,
      meanAbsoluteError: expect.closeTo(11 / 231 / 2, 9),
      within5Percent: 1,
      kendallTau: 1,
    });
    expect(report.raw.meanAbsoluteError).toBeCloseTo((10 / 110 + 31 / 231) / 2, 9);
    expect(report.repeated).toEqual({
      networks: 1,
      meanDeviation: expect.closeTo(1 - 108_900 / 111_100, 9),
      maxDeviation: expect.closeTo(1 - 108_900 / 111_100, 9),
    });
    expect(report).toMatchObject({ incomplete: 1, intervalCoverage: 1 });
  });

  it('holds each session, not their mean, against an interval of one session', () => {
    const { lowFactor, highFactor } = table.calibration;
    const estimateNs = 110_000;
    const [below, above] = [0.9 * lowFactor * estimateNs, 1.1 * highFactor * estimateNs];
    const report = fidelityReport(table, [
      { networkHash: 'a', opKeys: [KEYS[0]!], latenciesNs: [below, above] },
      { networkHash: 'b', opKeys: [KEYS[0]!], latenciesNs: [estimateNs, estimateNs] },
    ])!;
    expect(report.intervalCoverage).toBe(0.5);
  });

  it('says how far apart those networks were that it judges, not others', () => {
    const report = fidelityReport(table, [
      { networkHash: 'a', opKeys: [KEYS[0]!], latenciesNs: [110_000, 110_000] },
      { networkHash: 'c', opKeys: ['dense:7>7:f32'], latenciesNs: [1, 2] },
    ])!;
    expect(report.repeated).toEqual({ networks: 1, meanDeviation: 0, maxDeviation: 0 });
  });

  it('has nothing to say of networks whose ops are unknown', () => {
    expect(fidelityReport(table, [{ networkHash: 'c', opKeys: ['x'], latenciesNs: [1] }])).toBeNull();
  });
});
