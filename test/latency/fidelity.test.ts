import { describe, expect, it } from 'vitest';
import { fidelityOf } from '../../core/latency/fidelity.js';
import { reanchoredMs } from '../../core/latency/reanchor.js';
import { median } from '../../core/measurement/quantile.js';
import { studentQuantile } from '../../core/measurement/student-quantile.js';

const pairsOf = (...pairs: readonly (readonly [estimate: number, measured: number])[]) =>
  pairs.map(([estimate, measured]) => ({ estimate, measured }));

describe('fidelityOf', () => {
  it('counts relative errors', () => {
    const fidelity = fidelityOf(pairsOf([102, 100], [94, 100], [210, 200], [345, 300]));
    expect(fidelity).toMatchObject({ networks: 4, within5Percent: 0.5, within10Percent: 0.75 });
    expect(fidelity?.meanAbsoluteError).toBeCloseTo((0.02 + 0.06 + 0.05 + 0.15) / 4, 12);
    expect(fidelity?.maxAbsoluteError).toBeCloseTo(0.15, 12);
  });

  it('ranks with Kendall’s tau-b', () => {
    expect(fidelityOf(pairsOf([1, 10], [2, 20], [3, 30]))?.kendallTau).toBe(1);
    expect(fidelityOf(pairsOf([3, 10], [2, 20], [1, 30]))?.kendallTau).toBe(-1);
    // 1 2 3 4 against 1 3 2 4: 5 pairs agree, 1 does not.
    expect(fidelityOf(pairsOf([1, 1], [2, 3], [3, 2], [4, 4]))?.kendallTau).toBeCloseTo(4 / 6, 12);
    // One tie among the estimates: 5 concordant of √(5 · 6).
    expect(fidelityOf(pairsOf([1, 1], [2, 2], [2, 3], [4, 4]))?.kendallTau).toBeCloseTo(
      5 / Math.sqrt(30),
      12,
    );
  });

  it('says nothing where there is nothing to say', () => {
    expect(fidelityOf([])).toBeNull();
    expect(fidelityOf(pairsOf([1, 1], [1, 2]))?.kendallTau).toBeNull();
  });
});

describe('reanchoredMs', () => {
  it('scales the measured network by the ratio of sums', () => {
    expect(reanchoredMs(4.4, 4_000_000, 3_000_000)).toBeCloseTo(3.3, 12);
  });
});

describe('median', () => {
  it('is the middle of odd counts and the mean of the two middle ones of even counts', () => {
    expect(median([5, 1, 100])).toBe(5);
    expect(median([4, 1, 100, 2])).toBe(3);
  });
});

describe('studentQuantile', () => {
  it('meets the printed table inside and beyond its own', () => {
    expect(studentQuantile(1)).toBe(12.706);
    expect(studentQuantile(5)).toBe(2.571);
    expect(studentQuantile(10)).toBe(2.228);
    expect(studentQuantile(20)).toBe(2.086);
    expect(studentQuantile(30)).toBeCloseTo(2.042, 3);
    expect(studentQuantile(120)).toBeCloseTo(1.98, 3);
    expect(studentQuantile(60)).toBeCloseTo(2.0, 2);
  });
});
