import { describe, expect, it } from 'vitest';
import { derivedEntry } from '../../core/latency/derived-entry.js';
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
  it('snaps widths up to the channel step, with a wider interval', () => {
    const derived = derivedEntry(conv(72, 40), 16, lookup([entry(conv(80, 48), 10_000)]));
    expect(derived).toMatchObject({ key: conv(72, 40), latencyNs: 10_000, source: 'snapped', samples: 80 });
    expect(derived!.highNs).toBeCloseTo(10_000 * (1 + Math.hypot(0.01, 0.05)), 6);
    expect(derived!.lowNs).toBeCloseTo(10_000 * (1 - Math.hypot(0.01, 0.05)), 6);
  });

  it('snaps nothing on a device without steps', () => {
    expect(derivedEntry(conv(72, 40), 1, lookup([entry(conv(80, 48), 10_000)]))).toBeUndefined();
  });

  it('interpolates in the one width whose measured neighbours are nearest', () => {
    const measured = [entry(conv(64, 48), 8_000), entry(conv(96, 48), 11_000)];
    const derived = derivedEntry(conv(80, 48), 16, lookup(measured));
    expect(derived).toMatchObject({ source: 'interpolated', latencyNs: 9_500 });
    expect(derived!.highNs - 9_500).toBeGreaterThan(950);
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
