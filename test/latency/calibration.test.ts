import { describe, expect, it } from 'vitest';
import { calibrate } from '../../core/latency/calibration.js';
import type { NetworkObservation } from '../../core/latency/latency-table.js';

const SUMS: Readonly<Record<string, number>> = { a: 1000, b: 2000, c: 3000, d: 4000 };

/** Each network is one op of its own name. */
const sumNs = (keys: readonly string[]): number | null => SUMS[keys[0]!] ?? null;

function observed(name: string, latencyNs: number): NetworkObservation {
  return { networkHash: name, latencyNs, opKeys: [name] };
}

describe('calibrate', () => {
  it('takes the sum as it is, with a wide interval, when nothing was observed', () => {
    expect(calibrate([], sumNs)).toEqual({
      kind: 'none',
      scale: 1,
      lowFactor: 0.85,
      highFactor: 1.65,
      relativeSpread: null,
      networks: 0,
    });
  });

  it('ignores networks with an unknown op', () => {
    expect(calibrate([observed('unknown', 500)], sumNs).kind).toBe('none');
  });

  it('takes the median ratio, so one outlier does not move it', () => {
    const calibration = calibrate(
      [observed('a', 1100), observed('b', 2200), observed('c', 3300), observed('d', 40_000)],
      sumNs,
    );
    expect(calibration.scale).toBeCloseTo(1.1, 6);
    expect(calibration.networks).toBe(4);
  });

  it('counts a network once, by the median of its measurements', () => {
    const calibration = calibrate(
      [observed('a', 1200), observed('a', 1200), observed('a', 9000), observed('b', 2400)],
      sumNs,
    );
    expect(calibration.networks).toBe(2);
    expect(calibration.scale).toBeCloseTo(1.2, 6);
  });

  it('promises less after one network than after four that agree', () => {
    const one = calibrate([observed('a', 1100)], sumNs);
    const four = calibrate(
      [observed('a', 1100), observed('b', 2200), observed('c', 3300), observed('d', 4400)],
      sumNs,
    );
    // One: t(2) · 6 % · √2 = 36.5 %. Four: t(5) · √(2/5) · 6 % · √(5/4) = 10.9 %, in logarithms.
    expect(Math.log(one.highFactor)).toBeCloseTo(4.303 * 0.06 * Math.SQRT2, 6);
    expect(Math.log(four.highFactor)).toBeCloseTo(2.571 * 0.06 * Math.sqrt(2 / 5) * Math.sqrt(5 / 4), 6);
    expect(four.lowFactor).toBeCloseTo(1 / four.highFactor, 9);
    expect(one.relativeSpread).toBeNull();
    expect(four.relativeSpread).toBeCloseTo(0, 9);
  });
});
