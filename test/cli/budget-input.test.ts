import { expect, test } from 'vitest';
import { budgetInput, collectDeviceLimit, countLimit } from '../../cli/input/budget-input.js';

test('limits in every resource make one budget', () => {
  const budgetOn = collectDeviceLimit('browser=60%', collectDeviceLimit('phone=800us'));
  expect(
    budgetInput({
      ratio: 0.6,
      budgetOn,
      macs: countLimit('60%'),
      params: countLimit('300000'),
      memory: countLimit('2e5'),
    }),
  ).toEqual({
    ratio: 0.6,
    devices: { phone: { latencyMs: 0.8 }, browser: { ratio: 0.6 } },
    macs: { ratio: 0.6 },
    params: 300_000,
    peakActivationBytes: 200_000,
  });
  expect(budgetInput({ budget: 12 })).toEqual({ latencyMs: 12 });
});

test('no limit, two for one latency, or a limit that is none are refused', () => {
  expect(() => budgetInput({})).toThrowError('which budget?');
  expect(() => budgetInput({ budget: 12, ratio: 0.5 })).toThrowError('not both');
  expect(() => collectDeviceLimit('phone')).toThrowError('device=latency');
  expect(() => collectDeviceLimit('phone=soon')).toThrowError('not a latency');
  expect(() => countLimit('few')).toThrowError('not a number');
});
