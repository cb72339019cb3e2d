import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multipliersToTry, uniformWidths, widestWithin } from '../../core/netadapt/uniform-multiplier.js';
import { resizeGroups } from '../../core/network/resize-groups.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { TINY } from './simulated-run.js';

const widthOf = (widths: ReturnType<typeof uniformWidths>, group: string): number | undefined =>
  widths.find((each) => each.group === group)?.width;

describe('uniformWidths', () => {
  it('rounds as MobileNets do: to multiples of 8, up where more than a tenth would go', () => {
    // 104 · 0.5 = 52 → 56; 304 · 0.5 = 152; 40 · 0.3 = 12 → 16, since 8 would lose a third.
    const half = uniformWidths(TINY, 0.5, 'as-given', 16);
    expect(widthOf(half, 'block2/expand/conv')).toBe(56);
    expect(widthOf(half, 'block5/expand/conv')).toBe(152);
    expect(widthOf(uniformWidths(TINY, 0.3, 'as-given', 16), 'block1/expand/conv')).toBe(16);
  });

  it('rounds up to the device’s step in the stepped variant', () => {
    const half = uniformWidths(TINY, 0.5, 'stepped', 16);
    expect(widthOf(half, 'block2/expand/conv')).toBe(64);
    expect(widthOf(half, 'block5/expand/conv')).toBe(160);
    // In floating point 160 · (0.1 + 0.2) is a little more than 48.
    expect(widthOf(uniformWidths(TINY, 0.1 + 0.2, 'stepped', 16), 'block4/expand/conv')).toBe(48);
  });

  it('never widens a group and never touches a frozen one', () => {
    const multipliers = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(multipliers, fc.constantFrom('as-given', 'stepped'), (multiplier, rounding) => {
        const widths = uniformWidths(TINY, multiplier, rounding, 16);
        const groups = new Map(widthGroups(TINY).map((group) => [group.id, group]));
        for (const { group, width } of widths) {
          expect(groups.get(group)!.frozen).toBe(false);
          expect(width).toBeLessThan(groups.get(group)!.width);
          expect(width).toBeGreaterThanOrEqual(1);
        }
        resizeGroups(TINY, widths);
      }),
    );
  });
});

describe('multipliersToTry', () => {
  const trials = [
    { multiplier: 0.9, latencyMs: 90 },
    { multiplier: 0.8, latencyMs: 95 },
    { multiplier: 0.7, latencyMs: 70 },
    { multiplier: 0.6, latencyMs: 60 },
  ];

  it('tries tenths, then fiftieths above the widest that is fast enough', () => {
    expect(multipliersToTry(0, [], 75)).toEqual([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]);
    expect(multipliersToTry(1, trials, 75)).toEqual([0.72, 0.74, 0.76, 0.78]);
    expect(multipliersToTry(1, trials, 10)).toEqual([0.02, 0.04, 0.06, 0.08]);
  });

  it('takes the widest within the limit, even above one that is slower', () => {
    expect(widestWithin(trials, 92)?.multiplier).toBe(0.9);
    expect(widestWithin(trials, 75)?.multiplier).toBe(0.7);
    expect(widestWithin(trials, 10)).toBeUndefined();
  });
});
