import { describe, expect, it } from 'vitest';
import { latencyAim, PUBLISHED_SCHEDULES, reductionAt, targetAt } from '../../core/netadapt/schedule.js';

describe('reductionAt', () => {
  it('takes 3 % of the seed first and decays by 0.96 under the policy netadapt', () => {
    const steps = [0, 1, 2, 10].map((i) => reductionAt(PUBLISHED_SCHEDULES.netadapt, 100, i));
    expect(steps[0]).toBeCloseTo(3, 12);
    expect(steps[1]).toBeCloseTo(2.88, 12);
    expect(steps[2]).toBeCloseTo(2.7648, 12);
    expect(steps[3]).toBeCloseTo(1.994498, 6);
  });

  it('takes 1 % of the seed every time under the policy mobilenet-v3', () => {
    for (const i of [0, 1, 50]) expect(reductionAt(PUBLISHED_SCHEDULES['mobilenet-v3'], 100, i)).toBe(1);
  });
});

describe('targetAt', () => {
  it('lies one step below the measured network while the budget is far', () => {
    expect(targetAt(100, 3, latencyAim({ amount: 100, most: 102 }, 50))).toBe(97);
  });

  it('goes no lower than a budget needs: its interval and an estimate’s error below', () => {
    const aim = latencyAim({ amount: 100, most: 102 }, 99.5);
    expect(aim).toBeCloseTo((99.5 / 1.02) * 0.99, 12);
    expect(targetAt(100, 10, aim)).toBeCloseTo(96.5735, 3);
  });

  it('does not let a poor session push the aim far below the budget', () => {
    expect(latencyAim({ amount: 100, most: 180 }, 99)).toBeCloseTo((99 / 1.05) * 0.99, 12);
  });

  it('still takes a quarter of a step when the figure meets the budget and only its interval does not', () => {
    expect(targetAt(90, 4, latencyAim({ amount: 90, most: 101 }, 100))).toBe(89);
  });
});
