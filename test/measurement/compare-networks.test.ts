import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNetworks } from '../../core/measurement/compare-networks.js';
import { noiseFloor, pooledFloor } from '../../core/measurement/noise-floor.js';
import type { ProbeVisits } from '../../core/measurement/visit-values.js';
import { gaussian, seededRng } from '../../core/random.js';

/** Visits whose minima are given, of one process. */
const visits = (minimaNs: readonly number[]): ProbeVisits => ({
  visitsNs: minimaNs.map((ns) => [ns * 1.2, ns]),
  openings: [{ visits: minimaNs.length }],
});
const constant = (ns: number, rounds = 8) => visits(Array<number>(2 * rounds).fill(ns));

/** Of networks that share rounds. */
const compared = (...sides: Parameters<typeof compareNetworks>) => compareNetworks(...sides)!;

describe('a comparison', () => {
  test('is none where no process visited both networks twice', () => {
    const by = (...visitsOf: readonly number[]): ProbeVisits => ({
      visitsNs: Array.from({ length: 8 }, () => [100]),
      openings: visitsOf.map((count) => ({ visits: count })),
    });
    expect(compareNetworks(by(8, 0), by(0, 8), 0.02)).toBeNull();
    expect(compareNetworks({ visitsNs: [[100]] }, { visitsNs: [[100]] }, 0.02)).toBeNull();
  });

  test.each([
    [100, 100, 0.02, 'same'],
    [100, 101.9, 0.02, 'same'],
    [100, 103, 0.02, 'slower'],
    [100, 97, 0.02, 'faster'],
    [100, 97, 0.04, 'same'],
    [100, 101, null, 'same'],
    [100, 97, null, 'faster'],
  ] as const)('of %s and %s ns under a floor of %s: %s', (a, b, floor, answer) => {
    const comparison = compared(constant(a), constant(b), floor);
    expect(comparison).toMatchObject({ answer, rounds: 8 });
    expect(comparison.ratio).toBeCloseTo(b / a, 12);
  });

  test('is ambiguous after fewer rounds than an interval needs', () => {
    expect(compared(constant(100, 5), constant(80, 5), 0.02).answer).toBe('faster');
    expect(compared(constant(100, 4), constant(80, 4), 0.02)).toMatchObject({
      answer: 'ambiguous',
      rounds: 4,
    });
    expect(compared(constant(100, 1), constant(100, 1), 0.02).answer).toBe('ambiguous');
  });

  test('is ambiguous when the interval reaches over the floor', () => {
    const b = visits([96, 96, 100, 100, 104, 104, 99, 99, 103, 103, 97, 97, 101, 101, 98, 98]);
    expect(compared(constant(100), b, 0.02).answer).toBe('ambiguous');
  });

  test('cancels a steady drift: of two equal networks in A, B, B, A neither is faster', () => {
    const a: number[] = [];
    const b: number[] = [];
    let nowNs = 100_000;
    const next = () => (nowNs += 500);
    for (let round = 0; round < 10; round++) {
      a.push(next());
      b.push(next(), next());
      a.push(next());
    }
    const { answer, ratio } = compared(visits(a), visits(b), 0.001);
    expect(ratio).toBeCloseTo(1, 12);
    expect(answer).toBe('same');
  });

  test('leaves out a round with a disturbed visit, by cause', () => {
    const b = { ...constant(100), visitWaitShare: [0, 0.9, ...Array<number>(14).fill(0)] };
    expect(compared(constant(100), b, 0.02).rounds).toBe(7);
  });

  test('is no surer than the processes agree', () => {
    const of = (...levels: readonly number[]): ProbeVisits => ({
      visitsNs: levels.flatMap((ns) => Array.from({ length: 12 }, () => [ns])),
      openings: levels.map(() => ({ visits: 12 })),
    });
    const agreed = compared(of(100, 100, 100), of(105, 105, 105), 0.02);
    expect(agreed.answer).toBe('slower');
    const apart = compared(of(100, 100, 100), of(100, 105, 110), 0.02);
    expect(apart.answer).toBe('ambiguous');
    // t(0.975, 2) · s(ln 1, ln 1.05, ln 1.1) / √3 around ln 1.05.
    expect(Math.log(apart.high / 1.05)).toBeCloseTo(0.1184, 3);
  });

  test('swapped, answers the other way round', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.8, max: 1.25, noNaN: true }), (seed, ratio) => {
        const rng = seededRng(seed);
        const noisy = (ns: number) =>
          visits(Array.from({ length: 24 }, () => ns * (1 + 0.01 * gaussian(rng))));
        const [a, b] = [noisy(1e5), noisy(1e5 * ratio)];
        const one = compared(a, b, 0.01);
        const other = compared(b, a, 0.01);
        expect(other.ratio).toBeCloseTo(1 / one.ratio, 10);
        expect(other.low).toBeCloseTo(1 / one.high, 10);
        if (one.answer === 'faster') expect(other.answer).not.toBe('faster');
      }),
    );
  });

  test('of equal networks says otherwise in fewer than 5 % of cases, of one 10 % slower says so in more than 90 %', () => {
    const rng = seededRng(11);
    const process = (ns: number) => {
      // One percent between processes, three within: about the noise of a shared virtual machine.
      const level = ns * (1 + 0.01 * gaussian(rng));
      return Array.from({ length: 24 }, () => [level * (1 + 0.03 * Math.abs(gaussian(rng)))]);
    };
    const probe = (ns: number): ProbeVisits => ({
      visitsNs: [process(ns), process(ns), process(ns)].flat(),
      openings: [24, 24, 24].map((count) => ({ visits: count })),
    });
    const answers = (ns: number) =>
      Array.from({ length: 400 }, () => compared(probe(1e5), probe(ns), 0.03).answer);
    const wrong = answers(1e5).filter((answer) => answer === 'faster' || answer === 'slower').length;
    expect(wrong / 400).toBeLessThan(0.05);
    const found = answers(1.1e5).filter((answer) => answer === 'slower').length;
    expect(found / 400).toBeGreaterThan(0.9);
  });
});

describe('the noise floor', () => {
  test('is the difference that one pair in twenty exceeds', () => {
    const pairs = [
      { firstNs: 100, secondNs: 100 * Math.exp(0.01) },
      { firstNs: 100, secondNs: 100 * Math.exp(-0.01) },
    ];
    expect(noiseFloor(pairs)).toBeCloseTo(0.0196, 12);
    const rng = seededRng(5);
    const level = () => 1e6 * Math.exp(0.01 * gaussian(rng));
    const many = Array.from({ length: 4_000 }, () => ({ firstNs: level(), secondNs: level() }));
    const floor = noiseFloor(many);
    const beyond = many.filter(
      ({ firstNs, secondNs }) => Math.abs(Math.log(secondNs / firstNs)) > floor,
    ).length;
    expect(beyond / many.length).toBeGreaterThan(0.04);
    expect(beyond / many.length).toBeLessThan(0.06);
  });

  test('of several checks counts each alike', () => {
    expect(pooledFloor([0.03, 0.04])).toBeCloseTo(Math.sqrt(0.00125), 12);
    expect(pooledFloor([0.02])).toBe(0.02);
  });
});
