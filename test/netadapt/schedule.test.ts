import { describe, expect, it } from 'vitest';
import { aimMs, PUBLISHED_SCHEDULES, reductionMs, targetMs } from '../../core/netadapt/schedule.js';

describe('reductionMs', () => {
  it('takes 3 % of the seed first and decays by 0.96 under the policy netadapt', () => {
    const steps = [0, 1, 2, 10].map((i) => reductionMs(PUBLISHED_SCHEDULES.netadapt, 100, i));
    expect(steps[0]).toBeCloseTo(3, 12);
    expect(steps[1]).toBeCloseTo(2.88, 12);
    expect(steps[2]).toBeCloseTo(2.7648, 12);
    expect(steps[3]).toBeCloseTo(1.994498, 6);
  });

  it('takes 1 % of the seed every time under the policy mobilenet-v3', () => {
    for (const i of [0, 1, 50]) expect(reductionMs(PUBLISHED_SCHEDULES['mobilenet-v3'], 100, i)).toBe(1);
  });
});

describe('targetMs', () => {
  it('lies one step below the measured network while the budget is far', () => {
    expect(targetMs({ latencyMs: 100, highMs: 102 }, 3, 50)).toBe(97);
  });

  it('goes no lower than a budget needs: its interval and an estimate’s error below', () => {
    const standing = { latencyMs: 100, highMs: 102 };
    expect(aimMs(standing, 99.5)).toBeCloseTo((99.5 / 1.02) * 0.99, 12);
    expect(targetMs(standing, 10, 99.5)).toBeCloseTo(96.5735, 3);
  });

  it('does not let a poor session push the aim far below the budget', () => {
    expect(aimMs({ latencyMs: 100, highMs: 180 }, 99)).toBeCloseTo((99 / 1.05) * 0.99, 12);
  });

  it('still takes a quarter of a step when the figure meets the budget and only its interval does not', () => {
    expect(targetMs({ latencyMs: 90, highMs: 101 }, 4, 100)).toBe(89);
  });
});
