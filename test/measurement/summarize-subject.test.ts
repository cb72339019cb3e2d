import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { medianInterval, orderStatisticCoverages } from '../../core/measurement/median-interval.js';
import { implausibleReason } from '../../core/measurement/plausible.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { type ProbeVisits, usedVisits } from '../../core/measurement/visit-values.js';

describe('the interval of a median', () => {
  test('coverage of order statistics: the published table for n = 10', () => {
    // Second smallest to second largest of ten: 1 − 2·(1 + 10)/1024.
    expect(orderStatisticCoverages(10)[1]).toBeCloseTo(0.978515625, 12);
    expect(orderStatisticCoverages(10)[2]).toBeCloseTo(0.890625, 12);
  });

  test('is the whole range where there are too few values', () => {
    expect(medianInterval([5, 1, 3])).toEqual({ median: 3, low: 1, high: 5 });
  });

  test('lies between the order statistics that bracket the level', () => {
    const { median, low, high } = medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(median).toBe(5.5);
    // k = 2: I = (0.978516 − 0.95) / (0.978516 − 0.890625), λ = 8·I / (2 + 6·I) = 0.6577.
    expect(low).toBeCloseTo(2.6577, 4);
    expect(high).toBeCloseTo(11 - low, 12);
  });

  test.each([
    [500, 228.6185],
    [1_074, 505.4054],
    [1_075, 505.8827],
    // 1,000.5 ∓ 1.96 · √2000 / 2.
    [2_000, 956.6886],
    [20_000, 9861.9124],
  ])('of %i values is as wide as the binomial distribution has it', (count, expectedLow) => {
    const { median, low, high } = medianInterval(Array.from({ length: count }, (_, i) => i + 1));
    expect(median).toBe((count + 1) / 2);
    expect(low).toBeCloseTo(expectedLow, 3);
    expect(high).toBeCloseTo(count + 1 - expectedLow, 3);
  });

  test('contains the median and moves with the unit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 40 }), (values) => {
        const one = medianInterval(values);
        expect(one.low).toBeLessThanOrEqual(one.median);
        expect(one.high).toBeGreaterThanOrEqual(one.median);
        const ten = medianInterval(values.map((value) => value * 10));
        expect(ten.low).toBeCloseTo(one.low * 10, 4);
        expect(ten.high).toBeCloseTo(one.high * 10, 4);
      }),
    );
  });
});

describe('a subject', () => {
  const steady = (ns: number, visits = 8) => ({
    visitsNs: Array.from({ length: visits }, () => [ns + 40, ns, ns + 7]),
  });

  test('is the op in context minus half of its two base graphs', () => {
    const probes = new Map([
      ['op:x', steady(9_000)],
      ['base:a', steady(4_000)],
      ['base:b', steady(6_000)],
    ]);
    const terms = [
      { graphId: 'op:x', coefficient: 1 },
      { graphId: 'base:a', coefficient: -0.5 },
      { graphId: 'base:b', coefficient: -0.5 },
    ];
    expect(summarizeSubject(terms, probes)).toMatchObject({
      latencyNs: 4_000,
      lowNs: 4_000,
      highNs: 4_000,
      sampleCount: 72,
      visits: 8,
    });
  });

  test('is the median over visits of the fastest run of each, not the fastest run of all', () => {
    const probes = new Map([['g', { visitsNs: [[90, 10], [30, 95], [99, 20], [50], [40]] }]]);
    expect(summarizeSubject([{ graphId: 'g', coefficient: 1 }], probes).latencyNs).toBe(30);
  });

  test('errors of its graphs add in quadrature, the sides of subtracted graphs swapped', () => {
    const probes = new Map([
      ['a', { visitsNs: [[97], [100], [104]] }],
      ['b', { visitsNs: [[46], [50], [53]] }],
    ]);
    const terms = [
      { graphId: 'a', coefficient: 1 },
      { graphId: 'b', coefficient: -1 },
    ];
    const summary = summarizeSubject(terms, probes);
    expect(summary.latencyNs).toBe(50);
    expect(summary.lowNs).toBeCloseTo(50 - Math.hypot(3, 3), 9);
    expect(summary.highNs).toBeCloseTo(50 + Math.hypot(4, 4), 9);
  });

  test('that takes less than graphs can be told apart by is the least there is; one far below zero is left', () => {
    const terms = [
      { graphId: 'op', coefficient: 1 },
      { graphId: 'base', coefficient: -1 },
    ];
    const difference = (opNs: number, leastNs?: number) =>
      summarizeSubject(
        terms,
        new Map([
          ['op', { visitsNs: [[opNs - 20], [opNs], [opNs + 30]] }],
          ['base', { visitsNs: [[1_000], [1_000], [1_000]] }],
        ]),
        leastNs,
      );
    expect(difference(990)).toMatchObject({ latencyNs: 1, lowNs: 0, highNs: 20 });
    expect(difference(1_010)).toMatchObject({ latencyNs: 10, lowNs: 0, highNs: 40 });
    expect(difference(1_000.3)).toMatchObject({ latencyNs: 1, lowNs: 0 });
    expect(difference(800)).toMatchObject({ latencyNs: -200, lowNs: -220, highNs: -170 });
    // What its arithmetic takes at least; far below it is no matter of telling graphs apart.
    expect(difference(990, 6)).toMatchObject({ latencyNs: 6, lowNs: 0, highNs: 20 });
    expect(difference(1_004, 6)).toMatchObject({ latencyNs: 6, lowNs: 0, highNs: 34 });
    expect(difference(1_004, 150)).toMatchObject({ latencyNs: 4, lowNs: 0, highNs: 34 });
  });

  test('that is no difference is left as it was timed, however short', () => {
    const probes = new Map([['network', { visitsNs: [[3], [4], [5]] }]]);
    const summary = summarizeSubject([{ graphId: 'network', coefficient: 1 }], probes, 6);
    expect(summary).toMatchObject({ latencyNs: 4, lowNs: 3, highNs: 5 });
  });

  test('without samples of a graph is an error, never a zero', () => {
    expect(() => summarizeSubject([{ graphId: 'gone', coefficient: 1 }], new Map())).toThrow(/gone/);
  });
});

const minimaOf = (probe: ProbeVisits) => usedVisits(probe).map(({ minimumNs }) => minimumNs);

describe('visits', () => {
  test('that waited for the core are left out by that cause, while five remain', () => {
    const visitsNs = [[1], [2], [3], [4], [5], [900]];
    expect(minimaOf({ visitsNs, visitWaitShare: [0, 0, 0.1, 0, null, 0.5] })).toEqual([1, 2, 3, 4, 5]);
    expect(usedVisits({ visitsNs, visitWaitShare: [0, 0.3, 0.1, 0, null, 0.5] })).toHaveLength(6);
  });

  test('that are merely slow stay', () => {
    expect(minimaOf({ visitsNs: [[1], [2], [3], [4], [5], [900]] })).toContain(900);
  });
});

test.each([0, -3, Number.NaN, Number.POSITIVE_INFINITY])('%s ns is no duration', (durationNs) => {
  expect(implausibleReason(durationNs)).toMatch(/duration/);
});

test('faster than the arithmetic peak is no duration', () => {
  expect(implausibleReason(100, 1_000_000)).toMatch(/arithmetic peak/);
  expect(implausibleReason(10_000, 1_000_000)).toBeNull();
});
