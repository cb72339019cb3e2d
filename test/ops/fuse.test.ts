import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMacs } from '../../core/network/macs.js';
import type { LayerNode, Network } from '../../core/network/network.js';
import { resizeGroup } from '../../core/network/resize-group.js';
import { inferShapes } from '../../core/network/shapes.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { type FusedOp, fuse } from '../../core/ops/fuse.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs, opOutputShape } from '../../core/ops/op-macs.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { arbitraryNetwork } from '../network/arbitrary-network.js';
import { smallNetwork } from '../network/small-network.js';

function network(...nodes: LayerNode[]): Network {
  return { name: 'test', nodes: [{ id: 'in', op: 'input', inputs: [], shape: [4, 4, 8] }, ...nodes] };
}

function conv(id: string, input: string, filters = 8, bias = true): LayerNode {
  const window = { kernel: [1, 1], stride: [1, 1], padding: 'same' } as const;
  return { id, op: 'conv2d', inputs: [input], filters, ...window, groups: 1, bias };
}

function act(id: string, input: string, activation: 'relu' | 'hsigmoid' | 'softmax' = 'relu'): LayerNode {
  return { id, op: 'activation', inputs: [input], activation };
}

function add(id: string, ...inputs: string[]): LayerNode {
  return { id, op: 'add', inputs };
}

function summary(ops: readonly FusedOp[]): string[] {
  return ops.map(({ key, nodes }) => `${key} ← ${nodes.join(' ')}`);
}

describe('fuse', () => {
  it('finds what a runtime executes in one', () => {
    expect(summary(fuse(smallNetwork))).toEqual([
      'conv2d:6x6x2>4:k3x3:s2x2:relu:f32 ← stem stem/bn stem/relu',
      'conv2d:3x3x4>8:k1x1:s1x1:f32 ← expand',
      'depthwise:3x3x8:k3x3:s1x1:f32 ← depthwise',
      'squeezeExcite:3x3x8>3:relu:hsigmoid:f32 ← se/pool se/squeeze se/relu se/excite se/gate se/scale',
      'conv2d:3x3x8>4:k1x1:s1x1:add:f32 ← project add',
      'flatten:3x3x4:f32 ← flatten',
      'dense:36>5:f32 ← dense',
    ]);
  });

  it('divides the small V3 into 27 ops', () => {
    expect(fuse(buildZooNetwork('mobilenet-v3-tiny', {})).map(({ key }) => key)).toEqual([
      'conv2d:28x28x1>8:k3x3:s2x2:hswish:f32',
      'conv2d:14x14x8>16:k1x1:s1x1:relu:f32',
      'depthwise:14x14x16:k3x3:s1x1:relu:f32',
      'squeezeExcite:14x14x16>8:relu:hsigmoid:f32',
      'conv2d:14x14x16>8:k1x1:s1x1:add:f32',
      'conv2d:14x14x8>40:k1x1:s1x1:relu:f32',
      'depthwise:14x14x40:k3x3:s2x2:relu:f32',
      'conv2d:7x7x40>16:k1x1:s1x1:f32',
      'conv2d:7x7x16>56:k1x1:s1x1:relu:f32',
      'depthwise:7x7x56:k3x3:s1x1:relu:f32',
      'conv2d:7x7x56>16:k1x1:s1x1:add:f32',
      'conv2d:7x7x16>64:k1x1:s1x1:hswish:f32',
      'depthwise:7x7x64:k5x5:s2x2:hswish:f32',
      'squeezeExcite:4x4x64>16:relu:hsigmoid:f32',
      'conv2d:4x4x64>24:k1x1:s1x1:f32',
      'conv2d:4x4x24>120:k1x1:s1x1:hswish:f32',
      'depthwise:4x4x120:k5x5:s1x1:hswish:f32',
      'squeezeExcite:4x4x120>32:relu:hsigmoid:f32',
      'conv2d:4x4x120>24:k1x1:s1x1:add:f32',
      'conv2d:4x4x24>72:k1x1:s1x1:hswish:f32',
      'depthwise:4x4x72:k5x5:s1x1:hswish:f32',
      'squeezeExcite:4x4x72>16:relu:hsigmoid:f32',
      'conv2d:4x4x72>24:k1x1:s1x1:add:f32',
      'conv2d:4x4x24>144:k1x1:s1x1:hswish:f32',
      'globalAvgPool:4x4x144:f32',
      'dense:144>128:hswish:f32',
      'dense:128>10:f32',
    ]);
  });

  it.each([
    ['mobilenet-v1', 29],
    ['mobilenet-v2', 54],
    ['mobilenet-v3-large', 57],
    ['mobilenet-v3-small', 46],
  ])('leaves nothing of %s over', (name, count) => {
    const ops = fuse(buildZooNetwork(name, {}));
    expect(ops).toHaveLength(count);
    const leftovers = ops.filter(({ op }) => ['activation', 'add', 'mul', 'batchNorm'].includes(op.kind));
    expect(leftovers).toEqual([]);
  });

  it('takes the residual into the later of two branches, and an activation behind it', () => {
    const branches = network(conv('a', 'in'), conv('b', 'in'), add('sum', 'b', 'a'), act('relu', 'sum'));
    expect(summary(fuse(branches))).toEqual([
      'conv2d:4x4x8>8:k1x1:s1x1:f32 ← a',
      'conv2d:4x4x8>8:k1x1:s1x1:add:relu:f32 ← b sum relu',
    ]);
  });

  it('leaves an add alone when the convolution has an activation, two readers, or reads both sides', () => {
    const activated = network(conv('a', 'in'), act('relu', 'a'), add('sum', 'relu', 'in'));
    expect(summary(fuse(activated))).toEqual([
      'conv2d:4x4x8>8:k1x1:s1x1:relu:f32 ← a relu',
      'add:4x4x8:f32 ← sum',
    ]);
    const twiceRead = network(conv('a', 'in'), add('sum', 'a', 'in'), add('again', 'sum', 'a'));
    expect(summary(fuse(twiceRead))).toEqual([
      'conv2d:4x4x8>8:k1x1:s1x1:f32 ← a',
      'add:4x4x8:f32 ← sum',
      'add:4x4x8:f32 ← again',
    ]);
    const doubled = network(conv('a', 'in'), add('sum', 'a', 'a'));
    expect(summary(fuse(doubled))).toEqual(['conv2d:4x4x8>8:k1x1:s1x1:f32 ← a', 'add:4x4x8:f32 ← sum']);
  });

  it('keeps softmax, and what follows no kernel, apart', () => {
    const loose = network(
      { id: 'bn', op: 'batchNorm', inputs: ['in'], epsilon: 1e-3 },
      act('relu', 'bn'),
      { id: 'flat', op: 'flatten', inputs: ['relu'] },
      { id: 'dense', op: 'dense', inputs: ['flat'], units: 3, bias: false },
      { id: 'dense/bn', op: 'batchNorm', inputs: ['dense'], epsilon: 1e-3 },
      act('softmax', 'dense/bn', 'softmax'),
    );
    expect(summary(fuse(loose))).toEqual([
      'batchNorm:4x4x8:f32 ← bn',
      'activation:4x4x8:relu:f32 ← relu',
      'flatten:4x4x8:f32 ← flat',
      'dense:128>3:f32 ← dense dense/bn',
      'activation:1x1x3:softmax:f32 ← softmax',
    ]);
  });

  it('sees a squeeze-excite of dense layers and none without bias, gate or a common input', () => {
    const dense = (id: string, input: string, units: number): LayerNode => {
      return { id, op: 'dense', inputs: [input], units, bias: true };
    };
    const pool: LayerNode = { id: 'pool', op: 'globalAvgPool', inputs: ['in'] };
    const scale = (other: string): LayerNode => ({ id: 'scale', op: 'mul', inputs: ['gate', other] });
    const kinds = (...nodes: LayerNode[]) => fuse(network(...nodes)).map(({ op }) => op.kind);
    const layers = [dense('squeeze', 'pool', 2), act('relu', 'squeeze'), dense('excite', 'relu', 8)] as const;
    const gate = act('gate', 'excite', 'hsigmoid');
    expect(kinds(pool, ...layers, gate, scale('in'))).toEqual(['squeezeExcite']);
    expect(kinds(pool, conv('squeeze', 'pool', 2, false), ...layers.slice(1), gate, scale('in'))).toEqual([
      'globalAvgPool',
      'conv2d',
      'dense',
      'mul',
    ]);
    expect(kinds(pool, ...layers, act('gate', 'excite', 'relu'), scale('in'))).toContain('mul');
    expect(kinds(conv('other', 'in'), pool, ...layers, gate, scale('other'))).toContain('mul');
  });

  it('covers every node but the input exactly once, in an order that can run', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (random) => {
        const ops = fuse(random);
        const covered = ops.flatMap(({ nodes }) => nodes);
        expect([...covered].sort()).toEqual(
          random.nodes
            .slice(1)
            .map(({ id }) => id)
            .sort(),
        );
        const byId = new Map(random.nodes.map((node) => [node.id, node]));
        const ready = new Set(['n0']);
        for (const { nodes } of ops) {
          const inner = new Set(nodes);
          const reads = nodes.flatMap((id) => byId.get(id)!.inputs).filter((id) => !inner.has(id));
          for (const id of reads) expect(ready).toContain(id);
          ready.add(nodes.at(-1)!);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the network on MACs and shapes, and gives keys that decode', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (random) => {
        const ops = fuse(random);
        expect(ops.reduce((sum, { op }) => sum + opMacs(op), 0)).toBe(countMacs(random));
        for (const { key, op, nodes } of ops) {
          expect(decodeOpKey(key)).toEqual(op);
          expect(opOutputShape(op)).toEqual(inferShapes(random).get(nodes.at(-1)!));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('sees a resized network as it sees its copy', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), fc.integer({ min: 1, max: 20 }), (random, width) => {
        for (const group of widthGroups(random)) {
          if (group.frozen) continue;
          const resized = resizeGroup(random, group.id, width);
          expect(fuse(resized)).toEqual(fuse(structuredClone(resized)));
        }
      }),
    );
  });
});
