import { describe, expect, it } from 'vitest';
import { derivedEntry, widened } from '../../core/latency/derived-entry.js';
import { derivedError } from '../../core/latency/derived-error.js';
import type { TableEntry } from '../../core/latency/latency-table.js';
import { readWidths, withWidths } from '../../core/latency/op-widths.js';
import { decodeOpKey, encodeOpKey } from '../../core/ops/op-key.js';

function entry(key: string, latencyNs: number): TableEntry {
  return {
    key,
    latencyNs,
    lowNs: 0.99 * latencyNs,
    highNs: 1.01 * latencyNs,
    source: 'measured',
    samples: 80,
    measuredAtMs: 5,
  };
}

function lookup(entries: readonly TableEntry[]) {
  const known = new Map(entries.map((each) => [each.key, each]));
  return (key: string) => known.get(key);
}

const conv = (inputs: number, filters: number) => `conv2d:14x14x${inputs}>${filters}:k1x1:s1x1:f32`;

describe('derivedEntry', () => {
  it('snaps widths up to the channel step', () => {
    const derived = derivedEntry(conv(72, 40), 16, lookup([entry(conv(80, 48), 10_000)]));
    expect(derived).toMatchObject({ key: conv(72, 40), latencyNs: 10_000, source: 'snapped', samples: 80 });
  });

  it('snaps nothing on a device without steps', () => {
    expect(derivedEntry(conv(72, 40), 1, lookup([entry(conv(80, 48), 10_000)]))).toBeUndefined();
  });

  it('says nothing of widths off the step where those are slower, and interpolates between multiples', () => {
    const measured = [entry(conv(80, 48), 10_000), entry(conv(64, 48), 8_000), entry(conv(96, 48), 11_000)];
    expect(derivedEntry(conv(72, 40), 16, lookup(measured), 'slower')).toBeUndefined();
    const between = derivedEntry(conv(80, 48), 16, lookup(measured.slice(1)), 'slower');
    expect(between).toMatchObject({ source: 'interpolated', latencyNs: 9_500 });
  });

  const dense = (inputs: number) => `dense:${inputs}>1000:f32`;
  const gate = (channels: number, squeeze: number) =>
    `squeezeExcite:24x24x${channels}>${squeeze}:relu:hsigmoid:f32`;

  it.each(['padded', 'slower'] as const)(
    'leaves a width off the step where all ops have it so: %s',
    (off) => {
      const measured = lookup([entry(dense(608), 8_000), entry(dense(624), 9_000)]);
      expect(derivedEntry(dense(616), 8, measured, off)).toMatchObject({ latencyNs: 8_500 });
      expect(
        derivedEntry(dense(608), 16, lookup([entry(dense(592), 7_000), entry(dense(624), 9_000)]), off),
      ).toMatchObject({ source: 'interpolated', latencyNs: 8_000 });
    },
  );

  it('rounds as few widths as were measured so', () => {
    const measured = [entry(gate(16, 8), 4_000), entry(gate(16, 16), 5_000)];
    expect(derivedEntry(gate(8, 8), 16, lookup(measured))).toMatchObject({
      source: 'snapped',
      latencyNs: 4_000,
    });
    expect(derivedEntry(gate(8, 8), 16, lookup(measured.slice(1)))).toMatchObject({ latencyNs: 5_000 });
    expect(derivedEntry(dense(616), 16, lookup([entry(dense(624), 9_000)]))).toMatchObject({
      source: 'snapped',
    });
  });

  it('interpolates in the one width whose measured neighbours are nearest', () => {
    const measured = [entry(conv(64, 48), 8_000), entry(conv(96, 48), 11_000)];
    const derived = derivedEntry(conv(80, 48), 16, lookup(measured));
    expect(derived).toMatchObject({ source: 'interpolated', latencyNs: 9_500, lowNs: 9_405, highNs: 9_595 });
  });

  it('finds the nearest neighbours of a width between multiples of 8 on a device without steps', () => {
    const measured = [entry(conv(16, 48), 2_000), entry(conv(24, 48), 3_000), entry(conv(32, 48), 9_000)];
    const derived = derivedEntry(conv(20, 48), 1, lookup(measured.slice(0, 2)));
    expect(derived).toMatchObject({ source: 'interpolated', latencyNs: 2_500, lowNs: 2_475, highNs: 2_525 });
    expect(derivedEntry(conv(20, 48), 1, lookup(measured))).toEqual(derived);
    const above = derivedEntry(conv(18, 48), 1, lookup(measured));
    expect(above).toMatchObject({ source: 'interpolated', latencyNs: 2_250 });
  });

  it('has an interval that is wider by its error, in quadrature, never below zero', () => {
    const { lowNs, highNs } = widened(entry(conv(80, 48), 10_000), Math.log(1.25));
    expect(highNs).toBeCloseTo(10_000 * (1 + Math.hypot(0.01, 0.25)), 6);
    expect(lowNs).toBeCloseTo(10_000 * (1 - Math.hypot(0.01, 0.2)), 6);
    expect(widened({ ...entry(conv(80, 48), 10_000), lowNs: 0 }, 3).lowNs).toBe(0);
  });

  it('tells nothing from one side alone, from afar, or of no op', () => {
    expect(derivedEntry(conv(80, 48), 16, lookup([entry(conv(64, 48), 8_000)]))).toBeUndefined();
    const far = [entry(conv(16, 48), 1_000), entry(conv(256, 48), 30_000)];
    expect(derivedEntry(conv(128, 48), 16, lookup(far))).toBeUndefined();
    expect(derivedEntry('nothing', 16, lookup(far))).toBeUndefined();
  });

  it.each([
    'conv2d:96x96x3>16:k3x3:s2x2:hswish:f32',
    conv(80, 48),
    'depthwise:14x14x80:k5x5:s1x1:hswish:f32',
    'squeezeExcite:14x14x80>24:relu:hsigmoid:f32',
    'dense:576>1024:hswish:f32',
    'globalAvgPool:7x7x576:f32',
  ])('%s: widths read are widths written', (key) => {
    const op = decodeOpKey(key);
    expect(encodeOpKey(withWidths(op, readWidths(op)))).toBe(key);
    const wider = readWidths(op).map((width) => width + 16);
    expect(readWidths(withWidths(op, wider))).toEqual(wider);
  });
});

describe('derivedError', () => {
  const table = (entries: readonly TableEntry[]) => new Map(entries.map((each) => [each.key, each]));
  const snapped = (key: string): TableEntry => ({ ...entry(key, 1), source: 'snapped' });
  const depthwise = (channels: number) => `depthwise:14x14x${channels}:k3x3:s1x1:f32`;

  /** Twelve pairs of a width that is no step and the step above it, which takes `ratio` times as long. */
  const pairs = (ratio: number) =>
    Array.from({ length: 12 }, (_, i) => [
      entry(conv(16 * (i + 1), 40), 1_000),
      entry(conv(16 * (i + 1), 48), 1_000 * ratio),
    ]).flat();

  it('is what the entries show when each is left out', () => {
    expect(derivedError(table(pairs(1.3)), 16)(snapped(conv(72, 40)))).toBeCloseTo(Math.log(1.3), 9);
  });

  it('of a kind with too few cases is that of all kinds', () => {
    const error = derivedError(
      table([...pairs(1.3), entry(depthwise(24), 100), entry(depthwise(32), 900)]),
      16,
    );
    expect(error(snapped(depthwise(40)))).toBeGreaterThan(Math.log(1.3) - 1e-9);
    expect(error(snapped(conv(72, 40)))).toBeCloseTo(Math.log(1.3), 9);
  });

  it('is the usual one where the table holds too little', () => {
    const error = derivedError(table(pairs(1.3).slice(0, 8)), 16);
    expect(error(snapped(conv(72, 40)))).toBe(0.28);
    expect(error({ ...snapped(conv(80, 48)), source: 'interpolated' })).toBe(0.18);
  });
});
