import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHash, canonicalJson } from '../../db/canonical-json.js';
import { newId } from '../../db/new-id.js';
import { decodeVisits, encodeVisits } from '../../db/visits-codec.js';

describe('raw samples as a blob', () => {
  it('have the documented layout', () => {
    expect(encodeVisits([[1.5], []]).toString('hex')).toBe(
      '02000000' + '01000000' + '01000000' + '00000000' + '000000000000f83f',
    );
  });

  it('come back as they were, nonsense included', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double())), (visitsNs) => {
        expect(decodeVisits(encodeVisits(visitsNs))).toEqual(visitsNs);
      }),
    );
  });

  it('are refused when cut or inconsistent', () => {
    const whole = encodeVisits([[1, 2], [3]]);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeVisits(whole.subarray(0, length))).toThrow('does not fit its header');
    }
    const inconsistent = Buffer.from(whole);
    inconsistent.writeUInt32LE(9, 8);
    expect(() => decodeVisits(inconsistent)).toThrow('does not fit its header');
  });
});

describe('canonical JSON', () => {
  it('sorts keys at every depth and keeps the order of arrays', () => {
    expect(canonicalJson({ b: [{ d: 1, c: undefined }, 'x'], a: null })).toBe('{"a":null,"b":[{"d":1},"x"]}');
  });

  it('hashes equal values equally, whatever the order of their keys', () => {
    expect(canonicalHash({ a: 1, b: 2 })).toBe(canonicalHash({ b: 2, a: 1 }));
    expect(canonicalHash({ a: 1, b: 2 })).toBe(
      '43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777',
    );
  });

  it('means the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('ids', () => {
  it('are short, URL-safe and sort by their millisecond', () => {
    expect(newId('job', 1_750_000_000_000)).toMatch(/^job_1jxt21q00[0-9a-hjkmnp-tv-z]{11}$/);
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 - 2 }), fc.integer({ min: 1, max: 1000 }), (nowMs, laterMs) => {
        const later = Math.min(nowMs + laterMs, 2 ** 45 - 1);
        expect(newId('adp', nowMs) < newId('adp', later)).toBe(true);
      }),
    );
  });

  it('do not repeat', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId('job', 0))).size).toBe(10_000);
  });
});
