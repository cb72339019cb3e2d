import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { opVariation } from '../../core/netadapt/op-variation.js';
import type { Network } from '../../core/network/network.js';
import { resizeGroup } from '../../core/network/resize-group.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { arbitraryNetwork } from '../network/arbitrary-network.js';

/** The fused network at another width, put together from the variation. */
function keysByVariation(network: Network, groupId: string, width: number): readonly string[] {
  const fused = fuse(network);
  const group = widthGroups(network).find(({ id }) => id === groupId)!;
  const variation = opVariation(network, fused, group);
  const keys = fused.map(({ key }) => key);
  const changed = variation.keysAt(width);
  variation.positions.forEach((position, i) => {
    keys[position] = changed[i]!;
  });
  return keys;
}

const keysByFusing = (network: Network, groupId: string, width: number): readonly string[] =>
  fuse(resizeGroup(network, groupId, width)).map(({ key }) => key);

describe('opVariation', () => {
  it('equals fusing the resized network, for every group of random networks', () => {
    fc.assert(
      fc.property(
        arbitraryNetwork(),
        fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
        (network, width) => {
          for (const { id, frozen, width: now } of widthGroups(network)) {
            if (frozen || now === 1) continue;
            expect(keysByVariation(network, id, width)).toEqual(keysByFusing(network, id, width));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('names the ops of an inverted residual that change with its expansion', () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const group = widthGroups(network).find(({ id }) => id === 'block4/expand/conv')!;
    const fused = fuse(network);
    const variation = opVariation(network, fused, group);
    expect(variation.positions.map((i) => fused[i]!.op.kind)).toEqual([
      'conv2d',
      'depthwise',
      'squeezeExcite',
      'conv2d',
    ]);
    expect(variation.keysAt(48)).toEqual([
      'conv2d:7x7x16>48:k1x1:s1x1:hswish:f32',
      'depthwise:7x7x48:k5x5:s2x2:hswish:f32',
      'squeezeExcite:4x4x48>16:relu:hsigmoid:f32',
      'conv2d:4x4x48>24:k1x1:s1x1:f32',
    ]);
  });
});
