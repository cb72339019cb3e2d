import { describe, expect, it } from 'vitest';
import { contentHash } from '../../core/network/content-hash.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { randomNetwork, randomNetworks } from '../../core/zoo/random-network.js';
import { buildZooNetwork, ZOO } from '../../core/zoo/zoo.js';

describe('randomNetwork', () => {
  it.each([...ZOO.keys()])('%s: every free width is between 40 and 100 % of the family’s', (family) => {
    const whole = new Map(widthGroups(buildZooNetwork(family, {})).map((group) => [group.id, group]));
    for (let seed = 1; seed <= 5; seed++) {
      const network = randomNetwork(family, {}, seed);
      expect(() => parseNetwork(JSON.parse(JSON.stringify(network)))).not.toThrow();
      for (const { id, width, frozen } of widthGroups(network)) {
        const widest = whole.get(id)!.width;
        if (frozen) expect(width).toBe(widest);
        else expect(width).toBeGreaterThanOrEqual(Math.min(8, widest));
        expect(width).toBeLessThanOrEqual(widest);
        if (!frozen && widest >= 40) expect(width / widest).toBeGreaterThan(0.25);
      }
    }
  });

  it('draws as many different ones as are wanted, without those that are not', () => {
    const draw = (count: number, excluded: ReadonlySet<string> = new Set()) =>
      randomNetworks('mobilenet-v3-tiny', () => ({}), count, { seed: 1, widthStep: 64, excluded }).map(
        contentHash,
      );
    // In so large steps many draws come to the same network.
    const hashes = draw(3);
    expect(new Set(hashes).size).toBe(3);
    const others = draw(3, new Set(hashes));
    expect(new Set([...hashes, ...others]).size).toBe(3 + others.length);
    expect(draw(0)).toEqual([]);
    // A family has no more members than its widths have combinations.
    const all = draw(60);
    expect(all.length).toBeLessThan(60);
    expect(all.slice(0, 3)).toEqual(hashes);
  });

  it('draws the same network from the same seed, others from others', () => {
    const hash = (seed: number) => contentHash(randomNetwork('mobilenet-v2', { resolution: 96 }, seed));
    expect(hash(7)).toBe(hash(7));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(hash)).size).toBe(8);
  });
});
