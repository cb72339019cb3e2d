import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankRanges } from '../../core/latency/rank-range.js';

describe('rankRanges', () => {
  it('tells apart what differs by more than the resolution', () => {
    expect(rankRanges([1.0, 1.02, 1.2, null, 1.07], 0.05)).toEqual([
      { best: 1, worst: 2 },
      { best: 1, worst: 3 },
      { best: 4, worst: 4 },
      null,
      { best: 2, worst: 3 },
    ]);
  });

  it('holds the place that a candidate has in the plain order, and all of them when nothing can be told', () => {
    const latencies = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(latencies, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (values, resolution) => {
        rankRanges(values, resolution).forEach((range, i) => {
          const place = 1 + values.filter((other) => other < values[i]!).length;
          expect(range!.best).toBeLessThanOrEqual(place);
          expect(range!.worst).toBeGreaterThanOrEqual(place);
        });
        const all = rankRanges(values, 1000);
        expect(new Set(all.map((range) => `${range!.best}-${range!.worst}`))).toEqual(
          new Set([`1-${values.length}`]),
        );
      }),
    );
  });
});
