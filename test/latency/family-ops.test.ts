import { describe, expect, it } from 'vitest';
import { derivedEntry } from '../../core/latency/derived-entry.js';
import { familyOps } from '../../core/latency/family-ops.js';
import { fuse } from '../../core/ops/fuse.js';
import { randomNetwork } from '../../core/zoo/random-network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

describe('familyOps', () => {
  it('holds every op of every shrunk member of the family', () => {
    const options = { resolution: 64 };
    for (const family of ['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-tiny']) {
      const known = new Set(familyOps(buildZooNetwork(family, options), 8));
      for (let seed = 1; seed <= 10; seed++) {
        const missing = fuse(randomNetwork(family, options, seed)).filter(({ key }) => !known.has(key));
        expect(missing.map(({ key }) => key)).toEqual([]);
      }
    }
  });

  it.each([8, 16, 32])('holds every op of members drawn in its own steps, of %i channels', (step) => {
    for (const family of ['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-tiny']) {
      const known = new Set(familyOps(buildZooNetwork(family, {}), step));
      for (let seed = 1; seed <= 10; seed++) {
        const missing = fuse(randomNetwork(family, {}, seed, step)).filter(({ key }) => !known.has(key));
        expect(missing.map(({ key }) => key)).toEqual([]);
      }
    }
  });

  it.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-large'])(
    'in steps of 16 tells of every width of %s on a device with that step',
    (family) => {
      const figure = { latencyNs: 1_000, lowNs: 990, highNs: 1_010, samples: 80, measuredAtMs: 5 };
      const known = new Map(
        familyOps(buildZooNetwork(family, { resolution: 96 }), 16).map((key) => [
          key,
          { key, ...figure, source: 'measured' as const },
        ]),
      );
      for (const width of [0.35, 0.4, 0.5, 0.6, 0.65, 0.75, 0.9]) {
        const ops = fuse(buildZooNetwork(family, { width, resolution: 96 })).map(({ key }) => key);
        const unknown = ops.filter(
          (key) => !known.has(key) && derivedEntry(key, 16, (other) => known.get(other)) === undefined,
        );
        expect(unknown).toEqual([]);
      }
    },
  );

  it('counts each combination of widths once', () => {
    // 1×1 convolution 32 to 48 in steps of 16: 2 × 3; the dense layer keeps its classes.
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const ops = fuse(network);
    const keys = familyOps(network, 1_000_000);
    expect(new Set(keys)).toEqual(new Set(ops.map(({ key }) => key)));
    const last = ops.at(-1)!.key;
    const classes = last.split('>')[1]!;
    const dense = familyOps(network, 8).filter((key) => key.startsWith('dense:'));
    expect(dense.filter((key) => !key.endsWith(`>${classes}`) && key === last)).toEqual([]);
    expect(dense).toContain(last);
  });
});
