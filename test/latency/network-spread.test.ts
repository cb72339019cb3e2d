import { describe, expect, it } from 'vitest';
import { type NetworkError, networkSpread } from '../../core/latency/network-spread.js';
import { gaussian, seededRng } from '../../core/random.js';

/** Networks of 0.2 to 6.4 ms, whose errors and sessions vary by so much at a size. */
function drawn(
  count: number,
  rng: () => number,
  spreadAt: (latencyNs: number) => { readonly error: number; readonly session: number },
  sessions = 3,
): readonly NetworkError[] {
  return Array.from({ length: count }, () => {
    const latencyNs = 200_000 * 32 ** rng();
    const { error, session } = spreadAt(latencyNs);
    const logs = Array.from({ length: sessions }, () => session * gaussian(rng));
    const mean = logs.reduce((sum, log) => sum + log, 0) / sessions;
    return {
      latencyNs,
      error: error * gaussian(rng) + mean,
      sessions,
      sessionSquares: logs.reduce((sum, log) => sum + (log - mean) ** 2, 0),
    };
  });
}

/** A percent below 1 ms, five above. */
const hostOfStrangers = (latencyNs: number) =>
  latencyNs < 1e6 ? { error: 0.008, session: 0.006 } : { error: 0.03, session: 0.04 };

describe('networkSpread', () => {
  it('is that of all networks where no size is asked for, and where none is alike', () => {
    const errors = drawn(12, seededRng(1), hostOfStrangers);
    const { reach } = networkSpread(errors);
    expect(networkSpread(errors, 1e12).reach).toBeCloseTo(reach, 12);
    expect(networkSpread(errors, 1).reach).toBeCloseTo(reach, 12);
  });

  it('is the same at every size where networks are all of one', () => {
    const errors = drawn(8, seededRng(2), hostOfStrangers).map((error) => ({ ...error, latencyNs: 3e5 }));
    expect(networkSpread(errors, 3e5).reach).toBeCloseTo(networkSpread(errors).reach, 12);
  });

  it('is narrow among small networks that vary little, and wide among large ones that vary much', () => {
    const errors = drawn(24, seededRng(3), hostOfStrangers);
    const all = networkSpread(errors).reach;
    expect(networkSpread(errors, 3e5).reach).toBeLessThan(0.6 * all);
    expect(networkSpread(errors, 5e6).reach).toBeGreaterThan(1.1 * all);
  });

  it.each([8, 14, 30])('holds nine of ten networks of every size, by %i', (count) => {
    const within = { small: 0, large: 0 };
    const asked = { small: 0, large: 0 };
    for (let seed = 1; seed <= 300; seed++) {
      const rng = seededRng(seed);
      const errors = drawn(count, rng, hostOfStrangers);
      for (const { latencyNs, error } of drawn(20, rng, hostOfStrangers, 1)) {
        const size = latencyNs < 1e6 ? 'small' : 'large';
        asked[size]++;
        if (Math.abs(error) <= networkSpread(errors, latencyNs).reach) within[size]++;
      }
    }
    for (const size of ['small', 'large'] as const) {
      expect(within[size] / asked[size]).toBeGreaterThanOrEqual(0.9);
    }
  });
});
