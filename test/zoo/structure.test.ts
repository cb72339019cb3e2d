import { describe, expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { makeDivisible } from '../../core/zoo/make-divisible.js';
import { buildZooNetwork, ZOO } from '../../core/zoo/zoo.js';

/** Output channels and side of the last node of each block, head included. */
function stages(network: Network): string[] {
  const last = new Map<string, string>();
  for (const node of network.nodes) last.set(node.id.split('/')[0]!, node.id);
  const shapes = inferShapes(network);
  return [...last].map(([prefix, id]) => `${prefix} ${shapes.get(id)!.join('x')}`);
}

describe('makeDivisible', () => {
  it.each([
    [1, 8],
    [8.8, 8],
    [9, 16], // 8 would lose more than a tenth
    [12, 16],
    [17.7, 16],
    [18, 24],
    [20, 24],
    [32 * 0.35, 16],
    [1280 * 1.4, 1792],
  ])('%d → %d', (channels, rounded) => {
    expect(makeDivisible(channels)).toBe(rounded);
  });
});

describe('zoo structures', () => {
  it('mobilenet-v1', () => {
    expect(stages(buildZooNetwork('mobilenet-v1', { width: 0.5, resolution: 128, classes: 7 }))).toEqual([
      'input 128x128x3',
      'stem 64x64x16',
      'block1 64x64x32',
      'block2 32x32x64',
      'block3 32x32x64',
      'block4 16x16x128',
      'block5 16x16x128',
      'block6 8x8x256',
      'block7 8x8x256',
      'block8 8x8x256',
      'block9 8x8x256',
      'block10 8x8x256',
      'block11 8x8x256',
      'block12 4x4x512',
      'block13 4x4x512',
      'head 1x1x512',
      'classifier 1x1x7',
    ]);
  });

  it('mobilenet-v2 adds residuals exactly where shapes agree', () => {
    const network = buildZooNetwork('mobilenet-v2', {});
    const residuals = network.nodes.filter((node) => node.op === 'add').map((node) => node.id);
    expect(residuals).toEqual([3, 5, 6, 8, 9, 10, 12, 13, 15, 16].map((block) => `block${block}/add`));
    expect(stages(network).slice(-4)).toEqual([
      'block16 7x7x160',
      'block17 7x7x320',
      'head 1x1x1280',
      'classifier 1x1x1000',
    ]);
  });

  it('mobilenet-v3-tiny, with either stem stride', () => {
    expect(stages(buildZooNetwork('mobilenet-v3-tiny', undefined))).toEqual([
      'input 28x28x1',
      'stem 14x14x8',
      'block1 14x14x8',
      'block2 7x7x16',
      'block3 7x7x16',
      'block4 4x4x24',
      'block5 4x4x24',
      'block6 4x4x24',
      'head 1x1x144',
      'classifier 1x1x10',
    ]);
    expect(stages(buildZooNetwork('mobilenet-v3-tiny', { stemStride: 1, width: 2 }))).toEqual([
      'input 28x28x1',
      'stem 28x28x16',
      'block1 28x28x16',
      'block2 14x14x32',
      'block3 14x14x32',
      'block4 7x7x48',
      'block5 7x7x48',
      'block6 7x7x48',
      'head 1x1x288',
      'classifier 1x1x10',
    ]);
  });

  it('names nodes readably', () => {
    const ids = buildZooNetwork('mobilenet-v3-small', {}).nodes.map((node) => node.id);
    expect(ids.slice(0, 4)).toEqual(['input', 'stem/conv', 'stem/bn', 'stem/hswish']);
    expect(ids.filter((id) => id.startsWith('block5/'))).toEqual([
      'block5/expand/conv',
      'block5/expand/bn',
      'block5/expand/hswish',
      'block5/depthwise/conv',
      'block5/depthwise/bn',
      'block5/depthwise/hswish',
      'block5/se/pool',
      'block5/se/squeeze',
      'block5/se/relu',
      'block5/se/excite',
      'block5/se/hsigmoid',
      'block5/se/scale',
      'block5/project/conv',
      'block5/project/bn',
      'block5/add',
    ]);
    expect(ids.slice(-7)).toEqual([
      'head/conv',
      'head/bn',
      'head/hswish',
      'head/pool',
      'classifier/dense1',
      'classifier/hswish',
      'classifier/dense2',
    ]);
  });
});

describe('options', () => {
  const names = [...ZOO.keys()];

  it('lists five networks', () => {
    expect(names).toEqual([
      'mobilenet-v1',
      'mobilenet-v2',
      'mobilenet-v3-large',
      'mobilenet-v3-small',
      'mobilenet-v3-tiny',
    ]);
  });

  it.each(names)('%s builds at the edges of every option', (name) => {
    for (const [option, { minimum, maximum }] of Object.entries(ZOO.get(name)!.options)) {
      for (const value of [minimum, maximum]) {
        const network = buildZooNetwork(name, { resolution: 32, [option]: value });
        expect(network.nodes[0]).toMatchObject({ op: 'input' });
      }
    }
  });

  it.each(names)('%s takes resolution, input channels and classes', (name) => {
    const network = buildZooNetwork(name, { resolution: 33, inputChannels: 2, classes: 3 });
    expect(inferShapes(network).get('input')).toEqual([33, 33, 2]);
    expect(inferShapes(network).get(network.nodes.at(-1)!.id)).toEqual([1, 1, 3]);
  });

  it.each([
    ['a width of 0', { width: 0 }, '/c/options/width', 'width: expected a number from 0.05 to 4, got 0'],
    ['a width of NaN', { width: Number.NaN }, '/c/options/width', 'got NaN'],
    ['a width as text', { width: '1' }, '/c/options/width', 'got "1"'],
    [
      'a broken resolution',
      { resolution: 28.5 },
      '/c/options/resolution',
      'expected an integer from 8 to 1024',
    ],
    ['no classes', { classes: 0 }, '/c/options/classes', 'got 0'],
    [
      'an unknown option',
      { alpha: 1 },
      '/c/options/alpha',
      'unknown field "alpha"; the fields are width, resolution',
    ],
    ['another network’s option', { stemStride: 1 }, '/c/options/stemStride', 'unknown field "stemStride"'],
    ['a prototype key', JSON.parse('{"__proto__": {"width": 2}}'), '/c/options/__proto__', 'unknown field'],
    ['a list', [1], '/c/options', 'expected an object, got an array of 1'],
    ['null', null, '/c/options', 'expected an object, got null'],
  ])('refuses %s', (_, options, pointer, message) => {
    expect(() => buildZooNetwork('mobilenet-v2', options, '/c')).toThrowError(
      expect.objectContaining({
        code: 'invalid-zoo-option',
        pointer,
        message: expect.stringContaining(message),
      }),
    );
  });

  it.each(['mobilenet-v9', '__proto__', 'constructor'])('refuses the name %s and lists the names', (name) => {
    expect(() => buildZooNetwork(name, {}, '/candidate')).toThrowError(
      expect.objectContaining({
        code: 'unknown-zoo-network',
        pointer: '/candidate/zoo',
        message:
          'expected a zoo network, one of mobilenet-v1, mobilenet-v2, mobilenet-v3-large, mobilenet-v3-small, ' +
          `mobilenet-v3-tiny, got "${name}"`,
      }),
    );
  });
});
