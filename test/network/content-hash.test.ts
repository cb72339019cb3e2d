import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../core/network/content-hash.js';
import type { LayerNode, Network } from '../../core/network/network.js';
import { resizeGroup } from '../../core/network/resize-group.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { arbitraryNetwork } from './arbitrary-network.js';
import { smallNetwork } from './small-network.js';

function renamed(network: Network): Network {
  const nodes = network.nodes.map(
    (node) =>
      ({ ...node, id: `other/${node.id}`, inputs: node.inputs.map((id) => `other/${id}`) }) as LayerNode,
  );
  return { name: `${network.name} renamed`, nodes };
}

function withNode(id: string, fields: Record<string, unknown>): Network {
  const nodes = smallNetwork.nodes.map((node) =>
    node.id === id ? ({ ...node, ...fields } as LayerNode) : node,
  );
  return { ...smallNetwork, nodes };
}

describe('contentHash', () => {
  it('is the same for ever: databases keep it', () => {
    expect(contentHash(smallNetwork)).toBe(
      'd8b950cf701e3225853eefc5c6c6b8d96242c4fe1e1fc1a6ba3841f28691e0e2',
    );
  });

  it('ignores names', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (network) => {
        expect(contentHash(renamed(network))).toBe(contentHash(network));
      }),
    );
  });

  it('changes with any width', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer({ min: 1, max: 40 }), (network, width) => {
        for (const group of widthGroups(network)) {
          if (group.frozen || group.width === width) continue;
          expect(contentHash(resizeGroup(network, group.id, width))).not.toBe(contentHash(network));
        }
      }),
    );
  });

  it.each([
    ['input', { shape: [6, 6, 3] }],
    ['stem', { kernel: [3, 1] }],
    ['stem', { stride: [1, 2] }],
    ['stem', { padding: 'valid' }],
    ['stem', { bias: true }],
    ['depthwise', { groups: 4 }],
    ['stem/bn', { epsilon: 1e-5 }],
    ['stem/relu', { activation: 'relu6' }],
    ['add', { inputs: ['stem/relu', 'project'] }],
    ['dense', { units: 6 }],
    ['dense', { bias: false }],
  ])('changes with %s: %o', (id, fields) => {
    expect(contentHash(withNode(id, fields))).not.toBe(contentHash(smallNetwork));
  });
});
