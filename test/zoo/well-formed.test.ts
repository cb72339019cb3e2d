import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNetwork } from '../../core/network/parse-network.js';
import { buildZooNetwork, ZOO } from '../../core/zoo/zoo.js';

/** Options anywhere within their bounds, the bounds themselves often; maps are kept small. */
function optionsOf(name: string): fc.Arbitrary<Record<string, number>> {
  const entry = [...ZOO.values()].find((candidate) => candidate.name === name)!;
  return fc.record(
    Object.fromEntries(
      Object.entries(entry.options).map(([option, { type, minimum, maximum }]) => [
        option,
        type === 'integer'
          ? fc.integer({ min: minimum, max: Math.min(maximum, option === 'resolution' ? 224 : maximum) })
          : fc.double({ min: minimum, max: maximum, noNaN: true }),
      ]),
    ),
  );
}

test.each([...ZOO.values()].map(({ name }) => name))(
  '%s is a valid network document at any options',
  (name) => {
    fc.assert(
      fc.property(optionsOf(name), (options) => {
        const network = buildZooNetwork(name, options);
        expect(parseNetwork(JSON.parse(JSON.stringify(network)))).toEqual(network);
      }),
      { numRuns: 25 },
    );
  },
);
