import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalibrationPoint, calibrate } from '../../core/latency/calibration.js';
import { errorsLeftOut, fitScale, type ModelPoint } from '../../core/latency/fit-latency.js';
import { gaussian, seededRng } from '../../core/random.js';

const FREE = { onceNs: 0, streamedNs: 0, beyondNs: 0 };

function point(networkHash: string, opNs: number, latencyNs: number, memory = FREE): CalibrationPoint {
  return { networkHash, opNs, memory, latencyNs, opSpread: 0.01 };
}

const steady = (points: readonly CalibrationPoint[]) => calibrate('steady', points, false);

describe('calibrate', () => {
  it('takes the model as it is, with a wide interval, when nothing was observed', () => {
    expect(calibrate('cold', [], true)).toEqual({
      target: 'cold',
      kind: 'none',
      scale: 1,
      interceptNs: 0,
      memory: { once: 1, streamed: 1, beyond: 0 },
      lowFactor: 0.85,
      highFactor: 1.65,
      relativeSpread: null,
      resolution: expect.closeTo(0.8, 9),
      opSpread: 0,
      networks: 0,
      errors: [],
    });
  });

  it('is moved by less than a thousandth by one outlier among four', () => {
    const calibration = steady([
      point('a', 1000, 1100),
      point('b', 2000, 2200),
      point('c', 3000, 3300),
      point('d', 4000, 40_000),
    ]);
    expect(calibration).toMatchObject({ kind: 'scale', scale: expect.closeTo(1.1, 3), networks: 4 });
  });

  it('counts a network once, by the median of its measurements', () => {
    const calibration = steady([
      point('a', 1000, 1200),
      point('a', 1000, 1200),
      point('a', 1000, 9000),
      point('b', 2000, 2400),
    ]);
    expect(calibration).toMatchObject({ networks: 2, scale: expect.closeTo(1.2, 6) });
  });

  it('allows for what sessions differ by, as far as medians of several do not show it', () => {
    const measured = (...latencies: readonly number[]) =>
      Array.from({ length: 8 }, (_, i) =>
        latencies.map((share) => point(`n${i}`, 1000 * (i + 1), 1100 * (i + 1) * share)),
      ).flat();
    const reach = (points: readonly CalibrationPoint[]) => Math.log(steady(points).highFactor);
    // Medians agree, and so do single figures: nothing is known to differ.
    expect(reach(measured(1))).toBeCloseTo(0, 9);
    expect(reach(measured(1, 1, 1))).toBeCloseTo(0, 9);
    // Sessions 2 % below and above the median: 2 % each, of which a mean of three would show a third.
    const [below, above] = [Math.exp(-0.02), Math.exp(0.02)];
    expect(reach(measured(below, 1, above))).toBeCloseTo(2.365 * 0.02 * Math.sqrt(2 / 3), 5);
  });

  it('promises less after one network than after four that agree, and nothing of its own after eight', () => {
    const agreeing = (count: number) =>
      steady(Array.from({ length: count }, (_, i) => point(`n${i}`, 1000 * (i + 1), 1100 * (i + 1))));
    const [one, four, eight] = [agreeing(1), agreeing(4), agreeing(8)];
    // One: the prior of 6 %, worth 2 networks: t(2) · 6 % · √2, in logarithms.
    expect(Math.log(one.highFactor)).toBeCloseTo(4.303 * 0.06 * Math.SQRT2, 6);
    // Four: the prior has faded to 8/7 networks of 6 %, beside three degrees of freedom that show none.
    const spread = 0.06 * Math.sqrt(8 / 7 / (3 + 8 / 7));
    expect(Math.log(four.highFactor)).toBeCloseTo(2.776 * spread * Math.sqrt(1 + 8 / 7 / 2 / 4), 6);
    expect(four.lowFactor).toBeCloseTo(1 / four.highFactor, 9);
    expect(one.relativeSpread).toBeNull();
    expect(four.relativeSpread).toBeCloseTo(0, 9);
    expect(eight.highFactor).toBeCloseTo(1, 9);
  });

  it('finds an overhead that eight networks carry', () => {
    const points = [100, 150, 200, 300, 500, 800, 1000, 2000].map((us, i) =>
      point(`n${i}`, us * 1000, 1.05 * us * 1000 + 20_000),
    );
    expect(steady(points)).toMatchObject({
      kind: 'scale-intercept',
      scale: expect.closeTo(1.05, 6),
      interceptNs: expect.closeTo(20_000, 3),
    });
    expect(steady(points.slice(0, 4)).kind).toBe('scale');
  });

  it('takes an overhead from networks of nearly one size only if nobody can miss it', () => {
    const apart = [1, -1, -1, 1, 1, -1, -1, 1];
    const measured = (overheadNs: number, noise: number) =>
      [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.9].map((size, i) =>
        point(`n${i}`, 1e6 * size, (1.05e6 * size + overheadNs) * (1 + noise * apart[i]!)),
      );
    expect(steady(measured(200_000, 0.02))).toMatchObject({ kind: 'scale', interceptNs: 0 });
    expect(steady(measured(500_000, 0.01)).kind).toBe('scale-intercept');
    const smaller = point('small', 0.9e6, (1.05 * 0.9e6 + 200_000) * 0.98);
    expect(steady([...measured(200_000, 0.02), smaller]).kind).toBe('scale-intercept');
  });

  it('takes a second parameter for noise in fewer than one of ten tables, and never one below zero', () => {
    let taken = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const rng = seededRng(seed);
      const points = Array.from({ length: 6 + (seed % 14) }, (_, i) => {
        const modelNs = 100_000 * (1 + 20 * rng());
        return point(`n${i}`, modelNs, modelNs * 1.05 * Math.exp(0.02 * gaussian(rng)));
      });
      const { kind, interceptNs } = steady(points);
      expect(interceptNs).toBeGreaterThanOrEqual(0);
      if (kind === 'scale-intercept') taken++;
    }
    expect(taken / 300).toBeLessThan(0.1);
  });

  it('intervals hold 90 to 98 % of networks that had no part in the fit, whatever the spreads and the overhead', () => {
    fc.assert(
      fc.property(
        fc.record({
          networks: fc.integer({ min: 8, max: 20 }),
          spread: fc.double({ min: 0.005, max: 0.1, noNaN: true }),
          overheadNs: fc.double({ min: 0, max: 100_000, noNaN: true }),
          sessions: fc.constantFrom(1, 2, 3),
          sessionSpread: fc.double({ min: 0, max: 0.05, noNaN: true }),
        }),
        ({ networks, spread, overheadNs, sessions, sessionSpread }) => {
          let within = 0;
          const tables = 60;
          const heldOut = 50;
          for (let seed = 1; seed <= tables; seed++) {
            const rng = seededRng(seed);
            const draw = (name: string, times: number) => {
              const modelNs = 200_000 * (1 + 10 * rng());
              const usualNs = (1.08 * modelNs + overheadNs) * Math.exp(spread * gaussian(rng));
              return Array.from({ length: times }, () =>
                point(name, modelNs, usualNs * Math.exp(sessionSpread * gaussian(rng))),
              );
            };
            const fit = steady(Array.from({ length: networks }, (_, i) => draw(`n${i}`, sessions)).flat());
            for (let i = 0; i < heldOut; i++) {
              const { opNs, latencyNs } = draw('held out', 1)[0]!;
              const estimate = fit.scale * opNs + fit.interceptNs;
              if (latencyNs >= fit.lowFactor * estimate && latencyNs <= fit.highFactor * estimate) within++;
            }
          }
          const share = within / (tables * heldOut);
          expect(share).toBeGreaterThanOrEqual(0.9);
          expect(share).toBeLessThanOrEqual(0.98);
        },
      ),
      { numRuns: 12, seed: 4 },
    );
  });
});

describe('errors of points left out', () => {
  const points = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      opNs: 1_000 + i,
      memory: { onceNs: 0, streamedNs: 0, beyondNs: 0 },
      latencyNs: 2_000 + 2 * i,
    }));
  const fitsOf = (given: readonly ModelPoint[]) => {
    const fits: (readonly ModelPoint[])[] = [];
    const errors = errorsLeftOut(given, (rest) => {
      fits.push(rest);
      return fitScale(rest);
    });
    return { fits, errors };
  };

  it('come from a fit for each of twenty-five, and from no more for hundreds', () => {
    expect(fitsOf(points(1)).errors).toEqual([]);
    expect(fitsOf(points(25)).fits.map((rest) => rest.length)).toEqual(Array(25).fill(24));
    const { fits, errors } = fitsOf(points(260));
    expect(fits).toHaveLength(25);
    expect(errors).toHaveLength(260);
    for (const error of errors) expect(error).toBeCloseTo(0, 9);
  });

  it('are of fits that the point had no part in', () => {
    for (const count of [2, 7, 25, 26, 60]) {
      const given = points(count);
      const { fits } = fitsOf(given);
      for (const point of given) expect(fits.some((rest) => !rest.includes(point))).toBe(true);
      const others = given.map((point) => fits.filter((rest) => !rest.includes(point)).length);
      expect(others).toEqual(given.map(() => 1));
    }
  });
});

describe('how often memory counts', () => {
  const AS_READ = { once: 1, streamed: 1, beyond: 0 };
  type Factors = typeof AS_READ;
  const modelOf = ({ opNs, memory }: CalibrationPoint, { once, streamed, beyond }: Factors) =>
    opNs + once * memory.onceNs + streamed * memory.streamedNs + beyond * memory.beyondNs;
  /** Networks of many sizes; memory that is used once costs up to a fifth of what ops do, other memory too. */
  const measured = (count: number, factors: Factors, { noise = 0, seed = 1 } = {}) => {
    const rng = seededRng(seed);
    return Array.from({ length: count }, (_, i) => {
      const opNs = 200_000 * (1 + 10 * rng());
      const [onceNs, streamedNs] = [0.2 * rng() * opNs, 0.2 * rng() * opNs];
      const network = point(`n${i}`, opNs, 1, {
        onceNs,
        streamedNs,
        beyondNs: rng() * (onceNs + streamedNs),
      });
      return { ...network, latencyNs: 1.05 * modelOf(network, factors) * Math.exp(noise * gaussian(rng)) };
    });
  };
  const priced = (points: readonly CalibrationPoint[]) => calibrate('steady', points, true);

  it('is as the curve says where networks agree with it, be it one or twenty', () => {
    for (const count of [1, 2, 20]) {
      const { scale, memory } = priced(measured(count, AS_READ));
      expect(scale).toBeCloseTo(1.05, 9);
      expect(memory!.once).toBeCloseTo(1, 9);
      expect(memory!.streamed).toBeCloseTo(1, 9);
      expect(memory!.beyond).toBeCloseTo(0, 9);
    }
  });

  it.each([
    { once: 0.6, streamed: 1.3, beyond: 0.5 },
    { once: 0, streamed: 1, beyond: 0 },
    { once: 1, streamed: 2, beyond: -0.3 },
  ])('is what many networks say: $once, $streamed, $beyond', (factors) => {
    const { memory } = priced(measured(24, factors));
    expect(memory!.once).toBeGreaterThanOrEqual(0);
    for (const part of ['once', 'streamed', 'beyond'] as const) {
      expect(Math.abs(memory![part] - factors[part])).toBeLessThan(0.1);
    }
  });

  it('gives every network a latency above 0, whatever was measured', () => {
    const network = fc.record({
      opNs: fc.double({ min: 1e3, max: 1e9, noNaN: true }),
      ratio: fc.double({ min: 0.05, max: 20, noNaN: true }),
      once: fc.double({ min: 0, max: 2, noNaN: true }),
      streamed: fc.double({ min: 0, max: 2, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 20 }), (networks) => {
        const points = networks.map(({ opNs, ratio, once, streamed, share }, i) => {
          const memory = {
            onceNs: once * opNs,
            streamedNs: streamed * opNs,
            beyondNs: share * (once + streamed) * opNs,
          };
          return point(`n${i}`, opNs, ratio * opNs, memory);
        });
        const { scale, interceptNs, memory, lowFactor, highFactor } = priced(points);
        expect(lowFactor).toBeGreaterThan(0);
        expect(highFactor).toBeGreaterThanOrEqual(1);
        for (const known of points) expect(scale * modelOf(known, memory!) + interceptNs).toBeGreaterThan(0);
      }),
    );
  });

  it('never makes a gain of what memory costs, though networks say so', () => {
    const { memory } = priced(measured(24, { once: 0.2, streamed: 0.2, beyond: -1 }));
    expect(memory!.beyond).toBeLessThan(0);
    expect(memory!.beyond).toBeGreaterThanOrEqual(-Math.min(memory!.once, memory!.streamed));
  });

  it('hardly leaves the curve for one network, which may differ by a scale alone', () => {
    const { memory } = priced(measured(1, { once: 1.5, streamed: 1.5, beyond: 0 }));
    expect(Math.abs(memory!.once - 1)).toBeLessThan(0.05);
    expect(Math.abs(memory!.streamed - 1)).toBeLessThan(0.05);
    expect(Math.abs(memory!.beyond)).toBeLessThan(0.05);
  });

  it('brings eight networks a quarter closer to others where the curve is a third off, for a quarter less where it is right', () => {
    const tables = 60;
    const error = (factors: Factors, isFitted: boolean) => {
      let sum = 0;
      for (let seed = 1; seed <= tables; seed++) {
        const networks = measured(40, factors, { noise: 0.015, seed });
        const known = networks.slice(0, 8);
        const asRead = known.map((network) => ({
          ...network,
          opNs: modelOf(network, AS_READ),
          memory: FREE,
        }));
        const { scale, memory } = priced(isFitted ? known : asRead);
        for (const network of networks.slice(8)) {
          const estimate = scale * modelOf(network, isFitted ? memory! : AS_READ);
          sum += Math.abs(estimate / network.latencyNs - 1) / tables / 32;
        }
      }
      return sum;
    };
    const off = { once: 0.67, streamed: 1.33, beyond: 0.33 };
    expect(error(off, true)).toBeLessThan(0.75 * error(off, false));
    expect(error(AS_READ, true)).toBeLessThan(1.25 * error(AS_READ, false));
  });
});
