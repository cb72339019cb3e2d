import { expect, test } from 'vitest';
import { adaptationExitCode } from '../../cli/follow-adaptation.js';
import { asCandidate } from '../../cli/input/candidate-input.js';
import {
  collectOption,
  integerValue,
  latencyValue,
  numberList,
  numberValue,
} from '../../cli/input/option-values.js';
import { sampleAdaptation } from '../report/sample-report.js';

test('a latency is milliseconds unless it says otherwise', () => {
  expect([latencyValue('12'), latencyValue('12ms'), latencyValue('800us'), latencyValue('800 µs')]).toEqual([
    12, 12, 0.8, 0.8,
  ]);
  expect(latencyValue('0.5s')).toBe(500);
  for (const wrong of ['', 'fast', '-3ms', '0', '3 minutes', '1.2.3']) {
    expect(() => latencyValue(wrong), wrong).toThrow('is not a latency');
  }
});

test('numbers are numbers', () => {
  expect(numberList('0.5,0.75,1')).toEqual([0.5, 0.75, 1]);
  expect(integerValue('96')).toBe(96);
  for (const wrong of ['', ' ', 'NaN', 'Infinity', '1e999', 'wide'])
    expect(() => numberValue(wrong), wrong).toThrow();
  expect(() => integerValue('1.5')).toThrow('whole number');
  expect(() => numberList('0.5,,1')).toThrow();
});

test('options are collected by name', () => {
  expect(collectOption('stemStride=2', { width: 1 })).toEqual({ width: 1, stemStride: 2 });
  expect(collectOption('kind=a=b')).toEqual({ kind: 'a=b' });
  expect(() => collectOption('=2')).toThrow('name=value');
  expect(() => collectOption('stemStride')).toThrow('name=value');
});

test('a file may hold a candidate, a trained network or a bare network', () => {
  expect(asCandidate({ zoo: 'mobilenet-v2' })).toEqual({ zoo: 'mobilenet-v2' });
  expect(asCandidate({ networkHash: 'x', network: { nodes: [] }, weights: {} })).toEqual({
    network: { nodes: [] },
  });
  expect(asCandidate({ name: 'n', nodes: [] })).toEqual({ network: { name: 'n', nodes: [] } });
  expect(asCandidate(7)).toEqual({ network: 7 });
});

test('the exit code of an adaptation is its outcome', () => {
  const view = sampleAdaptation();
  expect(adaptationExitCode(view)).toBe(0);
  expect(adaptationExitCode({ ...view, budgetMet: false })).toBe(4);
  expect(adaptationExitCode({ ...view, status: 'cancelled' })).toBe(1);
  expect(adaptationExitCode({ ...view, status: 'failed', error: { code: 'internal', message: '' } })).toBe(1);
  const unreachable = { code: 'unreachable-budget', message: 'at least 36 µs' };
  expect(adaptationExitCode({ ...view, status: 'failed', error: unreachable })).toBe(4);
  expect(adaptationExitCode({ ...view, status: 'running' })).toBe(0);
});
