import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linearScale, tickStep } from '../../charts/linear-scale.js';
import { opFamily } from '../../charts/op-family.js';
import { spreadLabels } from '../../charts/spread-labels.js';
import { change, compactCount, duration, percent, points, signed } from '../../charts/text/figures.js';
import { groupLabel } from '../../charts/text/group-label.js';
import { latencyUnit } from '../../charts/text/latency-unit.js';

test('figures are written as a reader expects them', () => {
  expect(percent(0.98712)).toBe('98.71\u00a0%');
  expect(points(-0.0021)).toBe('−0.21');
  expect(change(60, 36)).toBe('−40\u00a0%');
  expect(change(0, 36)).toBe('–');
  expect(signed(0.00001, 2)).toBe('0.00');
  expect(signed(-0.00001, 2)).toBe('0.00');
  expect(signed(1.25, 1)).toBe('+1.3');
  expect(compactCount(950)).toBe('950');
  expect(compactCount(60_202)).toBe('60.2\u00a0k');
  expect(compactCount(729_216)).toBe('0.729\u00a0M');
  expect(compactCount(5_400_000_000)).toBe('5.40\u00a0G');
  expect(duration(312_400)).toBe('5\u00a0min 12\u00a0s');
  expect(duration(3_720_000)).toBe('1\u00a0h 2\u00a0min');
});

test('one unit for a page: microseconds below a millisecond', () => {
  const micro = latencyUnit(0.0599);
  expect([micro.format(0.0599), micro.format(0.0363)]).toEqual(['59.90\u00a0µs', '36.30\u00a0µs']);
  const milli = latencyUnit(12.34);
  expect([milli.format(12.34), milli.format(0.5)]).toEqual(['12.34\u00a0ms', '0.50\u00a0ms']);
  expect(latencyUnit(0.2).figure(0.2)).toBe('200.0');
});

test('width groups and ops get names a reader knows', () => {
  expect(groupLabel('block3/expand/conv')).toBe('block 3 · expand');
  expect(groupLabel('stem/conv')).toBe('stem');
  expect(groupLabel('classifier/dense1')).toBe('classifier · dense 1');
  expect(groupLabel('Conv_17')).toBe('Conv_17');
  expect(opFamily('conv2d:14x14x80>184:k1x1:s1x1:hswish:f32')).toBe('pointwise');
  expect(opFamily('conv2d:28x28x1>24:k3x3:s2x2:hswish:f32')).toBe('convolution');
  expect(opFamily('globalAvgPool:4x4x360:f32')).toBe('pooling');
});

test('ticks are round and inside the domain', () => {
  expect(tickStep(30, 5)).toBe(5);
  expect(linearScale([31.2, 62.4], [0, 100]).ticks).toEqual([35, 40, 45, 50, 55, 60]);
  const scale = linearScale([0, 10], [100, 0]);
  expect([scale(0), scale(5), scale(10)]).toEqual([100, 50, 0]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (low, span) => {
        const { ticks, domain } = linearScale([low, low + span], [0, 1]);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(12);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(domain[0] - span * 1e-6);
          expect(tick).toBeLessThanOrEqual(domain[1] + span * 1e-6);
        }
      },
    ),
  );
});

test('labels never cover each other and stay in their bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 12 }), (wishes) => {
      const placed = spreadLabels(
        wishes.map((wantedY, item) => ({ item, wantedY })),
        16,
        [10, 390],
      );
      expect(placed.map((label) => label.item).sort((a, b) => a - b)).toEqual(wishes.map((_, item) => item));
      for (const [index, label] of placed.entries()) {
        expect(label.y).toBeGreaterThanOrEqual(10 - 1e-6);
        expect(label.y).toBeLessThanOrEqual(390 + 1e-6);
        if (index > 0) expect(label.y - placed[index - 1]!.y).toBeGreaterThanOrEqual(16 - 1e-6);
      }
    }),
  );
});
