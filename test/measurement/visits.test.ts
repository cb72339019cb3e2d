import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clippedMean } from '../../core/measurement/clipped-mean.js';
import { meanHalfWidth } from '../../core/measurement/mean-half-width.js';
import { runsPerSample } from '../../core/measurement/runs-per-sample.js';
import { spinShares } from '../../core/measurement/spin-shares.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { classifyVisit } from '../../core/measurement/visit-class.js';
import { classifyVisits, usedVisits } from '../../core/measurement/visit-values.js';

test.each([
  [null, {}, null, 'counted'],
  [0.2, { stoppedShare: 0.2, majorFaults: 0 }, 0.2, 'counted'],
  [0.21, { stoppedShare: 0.5, majorFaults: 3 }, 0.9, 'waited'],
  [0, { stoppedShare: 0.5, majorFaults: 3 }, 0.9, 'faulted'],
  [0, { stoppedShare: 0.21 }, 0.9, 'stopped'],
  [0, {}, 0.21, 'disturbed'],
] as const)('a visit that waited %s, %o, with %s taken around it: %s', (wait, facts, taken, name) => {
  expect(classifyVisit(wait, facts, taken)).toBe(name);
});

test('a visit’s class never depends on its durations', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 8 }), (durationsNs) => {
      const probe = { visitsNs: [durationsNs, durationsNs.map((ns) => ns * 1e6)], visitWaitShare: [0.5, 0] };
      expect(classifyVisits(probe).map((visit) => visit.class)).toEqual(['waited', 'counted']);
    }),
  );
});

describe('the spins around a visit', () => {
  const spin = (atMs: number, takenShare: number) => ({ atMs, takenShare, longestGapUs: 0, chunkNs: 1 });
  const process = (...probes: ReturnType<typeof spin>[]) => ({
    clock: {},
    probes,
    allowedCores: [],
    before: {},
    after: {},
  });

  test('are the last before it and the first after it, of its own process', () => {
    const probe = {
      visitsNs: [[1], [1], [1]],
      causes: [{ startMs: 5 }, { startMs: 15 }, { startMs: 5 }],
      openings: [{ visits: 2 }, { visits: 1 }],
    };
    const processes = [
      process(spin(0, 0.1), spin(10, 0.3), spin(20, 0)),
      process(spin(0, 0.8), spin(10, 0.6)),
    ];
    const shares = spinShares(probe, processes, null);
    expect(shares.map((share) => share?.toFixed(2))).toEqual(['0.20', '0.15', '0.70']);
  });

  test('are unknown after the last spin', () => {
    const probe = { visitsNs: [[1]], causes: [{ startMs: 25 }], openings: [{ visits: 1 }] };
    expect(spinShares(probe, [process(spin(0, 0), spin(20, 0))], null)).toEqual([null]);
  });

  test('count less than what a sibling thread had of the core right around it, where that was more', () => {
    const probe = {
      visitsNs: [[1], [1], [1], [1]],
      causes: [
        { startMs: 5, parallelRatio: 1 },
        { startMs: 5, parallelRatio: 1.5 },
        { startMs: 25, parallelRatio: 2 },
        { startMs: 5 },
      ],
      openings: [{ visits: 4 }],
    };
    const shares = spinShares(probe, [process(spin(0, 0.1), spin(20, 0.1))], 1);
    expect(shares.map((share) => share?.toFixed(3))).toEqual(['0.100', '0.333', '0.500', '0.100']);
  });
});

describe('visits of several processes', () => {
  // Three processes of five visits, each a level of its own: nothing moves within a process.
  const levels = [1_000, 1_010, 1_040];
  const probe = {
    visitsNs: levels.flatMap((level) => Array.from({ length: 5 }, () => [level, level + 7])),
    openings: [{ visits: 5 }, { visits: 5 }, { visits: 5 }],
  };

  test('know which process they belong to', () => {
    expect(usedVisits(probe).map(({ process }) => process)).toEqual([
      0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
    ]);
  });

  test('give an interval as wide as the processes lie apart', () => {
    const summary = summarizeSubject([{ graphId: 'a', coefficient: 1 }], new Map([['a', probe]]));
    expect(summary.processesNs).toEqual(levels);
    // t(0.975, 2) · s / √3 = 4.303 · 20.817 / 1.732.
    expect(summary.highNs - summary.latencyNs).toBeCloseTo(51.72, 1);
    expect(summary.latencyNs - summary.lowNs).toBeCloseTo(51.72, 1);
    expect(summary.latencyNs).toBe(1_010);
  });

  test('one process says nothing about others', () => {
    const one = { visitsNs: probe.visitsNs, openings: [{ visits: 15 }] };
    expect(summarizeSubject([{ graphId: 'a', coefficient: 1 }], new Map([['a', one]])).processesNs).toEqual(
      [],
    );
  });
});

test('Student’s interval of a mean: the published 95 % points', () => {
  expect(meanHalfWidth([0, 2])).toBeCloseTo(12.706, 3);
  expect(meanHalfWidth([0, 1, 2])).toBeCloseTo(4.303 / Math.sqrt(3), 3);
  // 61 values of 1, 60 of −1: a variance of 121 / 120, as near as makes no difference.
  const many = Array.from({ length: 121 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  expect(meanHalfWidth(many)).toBeCloseTo(1.98 / Math.sqrt(120), 4);
});

test.each([
  [10_000, 40, 1],
  [2_000, 40, 1],
  [1_999, 40, 2],
  [0, 100_000, 5_000_000],
  [50_000, 100_000, 100],
])('a run of %s ns on a clock of %s ns: %s runs a sample', (runNs, stepNs, runs) => {
  expect(runsPerSample(runNs, stepNs)).toBe(runs);
});

describe('the latency that a user feels', () => {
  test('is the mean of runs, clipped 150 µs above the median of their visit', () => {
    const visitsNs = [[1_000_000, 1_000_000, 4_000_000]];
    expect(clippedMean({ visitsNs })).toBeCloseTo((1_000_000 + 1_000_000 + 1_150_000) / 3, 6);
  });

  test('leaves out the fifth of the visits that is highest, and disturbed ones', () => {
    const visitsNs = [[10], [10], [10], [10], [20], [9_000]];
    expect(clippedMean({ visitsNs: visitsNs.slice(0, 5) })).toBe(10);
    expect(clippedMean({ visitsNs, visitWaitShare: [0, 0, 0, 0, 0, 1] })).toBe(10);
  });
});
