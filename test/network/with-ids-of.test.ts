import { expect, it } from 'vitest';
import { contentHash } from '../../core/network/content-hash.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import { withIdsOf } from '../../core/network/with-ids-of.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

const zoo = buildZooNetwork('mobilenet-v3-tiny', {});
/** As somebody else wrote it down. */
const own = parseNetwork({
  name: 'own',
  nodes: zoo.nodes.map((node) => ({
    ...node,
    id: `my-${node.id}`,
    inputs: node.inputs.map((input) => `my-${input}`),
  })),
});

it('is the same architecture, and takes the weights of the other', () => {
  const renamed = withIdsOf(zoo, own);
  expect(contentHash(renamed)).toBe(contentHash(zoo));
  const weights = initializeWeights(own, seededRng(1));
  expect(() => checkWeights(zoo, weights)).toThrow(/expected/);
  expect(() => checkWeights(renamed, weights)).not.toThrow();
});

it('keeps the widths of the first', () => {
  const narrow = buildZooNetwork('mobilenet-v3-tiny', { width: 0.5 });
  expect(contentHash(withIdsOf(narrow, own))).toBe(contentHash(narrow));
});
