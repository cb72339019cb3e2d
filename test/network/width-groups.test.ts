import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerNode, Network } from '../../core/network/network.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { resizeGroup } from '../../core/network/resize-group.js';
import { resizeGroups } from '../../core/network/resize-groups.js';
import { inferShapes } from '../../core/network/shapes.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import { type WidthGroup, widthGroups } from '../../core/network/width-groups.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { arbitraryNetwork } from './arbitrary-network.js';
import { smallNetwork } from './small-network.js';

function conv(id: string, input: string, filters: number, groups = 1): LayerNode {
  const window = { kernel: [1, 1], stride: [1, 1], padding: 'same' } as const;
  return { id, op: 'conv2d', inputs: [input], filters, ...window, groups, bias: true };
}

/** A network from `input` [4, 4, 4] on; ends with a dense layer `out` over the last node's flattened map. */
function networkOf(...nodes: LayerNode[]): Network {
  return {
    name: 'test',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape: [4, 4, 4] },
      ...nodes,
      { id: 'flatten', op: 'flatten', inputs: [nodes.at(-1)!.id] },
      { id: 'out', op: 'dense', inputs: ['flatten'], units: 3, bias: true },
    ],
  };
}

function groupOf(network: Network, id: string): WidthGroup {
  const group = widthGroups(network).find((candidate) => candidate.id === id);
  if (group === undefined) throw new Error(`no group '${id}'`);
  return group;
}

function cut(weight: string, axis: number, offset: number, repeat: number, stride: number) {
  return { weight, axis, offset, repeat, stride };
}

describe('widthGroups', () => {
  it('ties depthwise, squeeze-excite and residual widths, and freezes input and output', () => {
    const summary = widthGroups(smallNetwork).map(({ id, width, frozen, producers }) => ({
      id,
      width,
      frozen,
      producers,
    }));
    expect(summary).toEqual([
      { id: 'input', width: 2, frozen: true, producers: [] },
      { id: 'stem', width: 4, frozen: false, producers: ['stem', 'project'] },
      { id: 'expand', width: 8, frozen: false, producers: ['expand', 'depthwise', 'se/excite'] },
      { id: 'se/squeeze', width: 3, frozen: false, producers: ['se/squeeze'] },
      { id: 'dense', width: 5, frozen: true, producers: ['dense'] },
    ]);
    expect(groupOf(smallNetwork, 'input').frozenBecause).toBe('the input has 2 channels');
    expect(groupOf(smallNetwork, 'dense').frozenBecause).toBe('the output has 5 channels');
    expect(groupOf(smallNetwork, 'stem')).not.toHaveProperty('frozenBecause');
  });

  it('lists every weight axis that a group cuts, through flatten', () => {
    expect(groupOf(smallNetwork, 'stem').cuts).toEqual([
      cut('stem/kernel', 0, 0, 1, 4),
      cut('stem/bn/gamma', 0, 0, 1, 4),
      cut('stem/bn/beta', 0, 0, 1, 4),
      cut('stem/bn/mean', 0, 0, 1, 4),
      cut('stem/bn/variance', 0, 0, 1, 4),
      cut('expand/kernel', 1, 0, 1, 4),
      cut('project/kernel', 0, 0, 1, 4),
      cut('dense/kernel', 1, 0, 9, 4),
    ]);
    expect(groupOf(smallNetwork, 'expand').cuts).toEqual([
      cut('expand/kernel', 0, 0, 1, 8),
      cut('expand/bias', 0, 0, 1, 8),
      cut('depthwise/kernel', 0, 0, 1, 8),
      cut('se/squeeze/kernel', 1, 0, 1, 8),
      cut('se/excite/kernel', 0, 0, 1, 8),
      cut('se/excite/bias', 0, 0, 1, 8),
      cut('project/kernel', 1, 0, 1, 8),
    ]);
  });

  it('follows concatenation by offsets, also behind a depthwise convolution and a flatten', () => {
    const network = networkOf(
      conv('a', 'input', 3),
      conv('b', 'input', 5),
      { id: 'cat', op: 'concat', inputs: ['a', 'b', 'a'] },
      conv('depthwise', 'cat', 11, 11),
    );
    expect(groupOf(network, 'a').producers).toEqual(['a']);
    expect(groupOf(network, 'a').cuts).toEqual([
      cut('a/kernel', 0, 0, 1, 3),
      cut('a/bias', 0, 0, 1, 3),
      cut('depthwise/kernel', 0, 0, 1, 11),
      cut('depthwise/kernel', 0, 8, 1, 11),
      cut('depthwise/bias', 0, 0, 1, 11),
      cut('depthwise/bias', 0, 8, 1, 11),
      cut('out/kernel', 1, 0, 16, 11),
      cut('out/kernel', 1, 8, 16, 11),
    ]);
    expect(groupOf(network, 'b').cuts.at(-1)).toEqual(cut('out/kernel', 1, 3, 16, 11));
    const resized = parseNetwork(resizeGroup(network, 'a', 2));
    expect(inferShapes(resized).get('depthwise')).toEqual([4, 4, 9]);
  });

  it('follows vectors that are joined behind a flatten', () => {
    const network = networkOf(
      conv('a', 'input', 3),
      conv('b', 'input', 5),
      { id: 'a/flat', op: 'flatten', inputs: ['a'] },
      { id: 'b/pool', op: 'globalAvgPool', inputs: ['b'] },
      { id: 'cat', op: 'concat', inputs: ['a/flat', 'b/pool', 'a/flat'] },
    );
    expect(groupOf(network, 'a').cuts.slice(-2)).toEqual([
      cut('out/kernel', 1, 0, 16, 3),
      cut('out/kernel', 1, 53, 16, 3),
    ]);
    expect(groupOf(network, 'b').cuts.at(-1)).toEqual(cut('out/kernel', 1, 48, 1, 5));
    expect(inferShapes(resizeGroup(network, 'a', 2)).get('cat')).toEqual([1, 1, 69]);
  });

  it('freezes channels that would have to repeat twice', () => {
    const network = networkOf(
      conv('a', 'input', 2),
      { id: 'flat', op: 'flatten', inputs: ['a'] },
      conv('b', 'input', 32),
      { id: 'scaled', op: 'mul', inputs: ['flat', 'b'] },
    );
    expect(widthGroups(network).filter((group) => !group.frozen)).toEqual([]);
    expect(groupOf(network, 'a').frozenBecause).toBe(
      "'scaled' joins channels that are concatenated differently",
    );
    expect(groupOf(network, 'flatten').frozenBecause).toBe(
      "'flatten' flattens channels that were flattened before",
    );
  });

  it('ties concatenations of equal parts and freezes those of unequal parts', () => {
    const halves = (first: number, second: number) =>
      networkOf(
        conv('a', 'input', first),
        conv('b', 'input', second),
        { id: 'ab', op: 'concat', inputs: ['a', 'b'] },
        conv('c', 'input', 4),
        conv('d', 'input', 4),
        { id: 'cd', op: 'concat', inputs: ['c', 'd'] },
        { id: 'sum', op: 'add', inputs: ['ab', 'cd'] },
      );
    const tied = widthGroups(halves(4, 4)).filter((group) => !group.frozen);
    expect(tied.map((group) => group.producers)).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
    const mixed = widthGroups(halves(3, 5));
    expect(mixed.every((group) => group.frozen)).toBe(true);
    expect(mixed.find((group) => group.id === 'c')!.frozenBecause).toBe(
      "'sum' joins channels that are concatenated differently",
    );
  });

  it('freezes both sides of a grouped convolution, and not of a depthwise one', () => {
    const network = networkOf(
      conv('wide', 'input', 8),
      conv('grouped', 'wide', 8, 4),
      conv('narrow', 'grouped', 8),
      conv('depthwise', 'narrow', 8, 8),
    );
    expect(groupOf(network, 'wide').frozenBecause).toBe("'grouped' is a convolution in 4 groups");
    expect(groupOf(network, 'grouped').frozen).toBe(true);
    expect(groupOf(network, 'narrow').frozen).toBe(false);
    expect(groupOf(network, 'narrow').producers).toEqual(['narrow', 'depthwise']);
  });

  it('freezes what is tied to the input by a residual', () => {
    const network = networkOf(conv('a', 'input', 4), { id: 'sum', op: 'add', inputs: ['a', 'input'] });
    expect(groupOf(network, 'input').producers).toEqual(['a']);
    expect(groupOf(network, 'input').frozen).toBe(true);
  });

  it('finds MobileNetV3’s two kinds: expansions, and bottlenecks shared along residual chains', () => {
    const free = widthGroups(buildZooNetwork('mobilenet-v3-small', {})).filter((group) => !group.frozen);
    expect(free.map(({ id, width }) => [id, width])).toEqual([
      ['stem/conv', 16],
      ['block1/se/squeeze', 8],
      ['block1/project/conv', 16],
      ['block2/expand/conv', 72],
      ['block2/project/conv', 24],
      ['block3/expand/conv', 88],
      ['block4/expand/conv', 96],
      ['block4/se/squeeze', 24],
      ['block4/project/conv', 40],
      ['block5/expand/conv', 240],
      ['block5/se/squeeze', 64],
      ['block6/expand/conv', 240],
      ['block6/se/squeeze', 64],
      ['block7/expand/conv', 120],
      ['block7/se/squeeze', 32],
      ['block7/project/conv', 48],
      ['block8/expand/conv', 144],
      ['block8/se/squeeze', 40],
      ['block9/expand/conv', 288],
      ['block9/se/squeeze', 72],
      ['block9/project/conv', 96],
      ['block10/expand/conv', 576],
      ['block10/se/squeeze', 144],
      ['block11/expand/conv', 576],
      ['block11/se/squeeze', 144],
      ['head/conv', 576],
      ['classifier/dense1', 1024],
    ]);
    const chain = free.find((group) => group.id === 'block4/project/conv')!;
    expect(chain.producers).toEqual(['block4/project/conv', 'block5/project/conv', 'block6/project/conv']);
  });

  it('covers every output axis of every weight exactly once', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (network) => {
        const groups = widthGroups(network);
        for (const [weight, shape] of weightShapes(network)) {
          const covered = new Array<number>(shape[0]!).fill(0);
          for (const group of groups) {
            for (const { offset, repeat, stride } of group.cuts.filter(
              (c) => c.weight === weight && c.axis === 0,
            )) {
              for (let i = 0; i < repeat * group.width; i++) {
                covered[offset + Math.floor(i / group.width) * stride + (i % group.width)]! += 1;
              }
            }
          }
          expect(covered).toEqual(covered.map(() => 1));
        }
      }),
    );
  });
});

describe('resizeGroup', () => {
  it('keeps any network valid at any width, and changes nothing else', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer({ min: 1, max: 40 }), (network, width) => {
        for (const group of widthGroups(network)) {
          if (group.frozen) continue;
          const resized = resizeGroup(network, group.id, width);
          expect(parseNetwork(resized)).toEqual(resized);
          const output = network.nodes.at(-1)!.id;
          expect(inferShapes(resized).get(output)).toEqual(inferShapes(network).get(output));
          for (const id of group.producers) expect(inferShapes(resized).get(id)![2]).toBe(width);
          resized.nodes.forEach((node, i) => {
            const before = network.nodes[i]!;
            if (!('filters' in node || 'units' in node)) expect(node).toBe(before);
          });
        }
      }),
    );
  });

  it('gives the same shapes whether or not it was asked before', () => {
    const resized = resizeGroup(smallNetwork, 'expand', 5);
    expect([...inferShapes(resized)]).toEqual([...inferShapes(structuredClone(resized))]);
    expect(inferShapes(resized).get('se/scale')).toEqual([3, 3, 5]);
  });

  it.each([
    ['nobody', 4, "network 'small' has no width group 'nobody'"],
    ['dense', 4, "width group 'dense' is frozen: the output has 5 channels"],
    ['stem', 0, "width group 'stem': expected a width from 1 to 16384, got 0"],
    ['stem', 1.5, "width group 'stem': expected a width from 1 to 16384, got 1.5"],
    ['stem', 20_000, "width group 'stem': expected a width from 1 to 16384, got 20000"],
  ])('refuses group %s at width %d', (group, width, message) => {
    expect(() => resizeGroup(smallNetwork, group, width)).toThrowError(
      expect.objectContaining({ code: 'invalid-request', message }),
    );
  });
});

describe('resizeGroups', () => {
  it('sets many widths at once and keeps the network valid', () => {
    fc.assert(
      fc.property(
        arbitraryNetwork(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (network, sizes) => {
          const free = widthGroups(network).filter((group) => !group.frozen);
          const widths = free.map((group, i) => ({ group: group.id, width: sizes[i % sizes.length]! }));
          const resized = resizeGroups(network, widths);
          expect(parseNetwork(resized)).toEqual(resized);
          free.forEach((group, i) => {
            for (const id of group.producers) expect(inferShapes(resized).get(id)![2]).toBe(widths[i]!.width);
          });
        },
      ),
    );
  });

  it('refuses a group that is named twice', () => {
    const twice = [
      { group: 'stem', width: 3 },
      { group: 'stem', width: 2 },
    ];
    expect(() => resizeGroups(smallNetwork, twice)).toThrowError(
      expect.objectContaining({
        code: 'invalid-request',
        message: "width group 'stem': expected once, got twice",
      }),
    );
  });
});
