import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import { convOutput, inferShapes, sameGeometry, windowGeometry } from '../../core/network/shapes.js';
import { arbitraryNetwork } from './arbitrary-network.js';

describe('windowGeometry', () => {
  it.each([
    // size, kernel, stride, output, pads [top, right, bottom, left]: TensorFlow's own results for 'SAME'
    [224, 3, 2, 112, [0, 1, 1, 0]],
    [28, 3, 2, 14, [0, 1, 1, 0]],
    [7, 3, 2, 4, [1, 1, 1, 1]],
    [7, 5, 2, 4, [2, 2, 2, 2]],
    [14, 5, 2, 7, [1, 2, 2, 1]],
    [14, 5, 1, 14, [2, 2, 2, 2]],
    [8, 2, 1, 8, [0, 1, 1, 0]],
    [5, 1, 3, 2, [0, 0, 0, 0]],
    [1, 5, 1, 1, [2, 2, 2, 2]],
  ])('same: %i pixels, kernel %i, stride %i', (size, kernel, stride, output, pads) => {
    const extent = [size, size] as const;
    expect(sameGeometry(extent, [kernel, kernel], [stride, stride])).toEqual({
      output: [output, output],
      pads,
    });
  });

  it('treats rows and columns apart', () => {
    expect(windowGeometry([10, 20, 3], [3, 5], [1, 2], 'same')).toEqual({
      output: [10, 10],
      pads: [1, 2, 1, 1],
    });
    expect(windowGeometry([10, 20], [3, 5], [1, 2], 'valid')).toEqual({ output: [8, 8], pads: [0, 0, 0, 0] });
    expect(windowGeometry([10, 20], [3, 5], [1, 2], [1, 0, 2, 3])).toEqual({
      output: [11, 10],
      pads: [1, 0, 2, 3],
    });
    expect(convOutput([10, 20], [3, 5], [1, 2], [1, 0, 2, 3])).toEqual([11, 10]);
  });

  it('agrees with counting the places where a window fits', () => {
    const small = fc.integer({ min: 1, max: 12 });
    const pixels = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(small, small, small, pixels, pixels, (size, kernel, stride, before, after) => {
        let places = 0;
        for (let start = -before; start + kernel <= size + after; start += stride) places++;
        const [rows, columns] = convOutput(
          [size, size],
          [kernel, kernel],
          [stride, stride],
          [before, after, after, before],
        );
        expect([Math.max(rows, 0), Math.max(columns, 0)]).toEqual([places, places]);
      }),
    );
  });
});

describe('inferShapes', () => {
  it('gives the shape of every node by id', () => {
    const network: Network = {
      name: 'branches',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [9, 7, 4] },
        {
          id: 'conv',
          op: 'conv2d',
          inputs: ['in'],
          filters: 6,
          kernel: [3, 3],
          stride: [2, 2],
          padding: 'same',
          groups: 2,
          bias: true,
        },
        { id: 'gap', op: 'globalAvgPool', inputs: ['conv'] },
        { id: 'mul', op: 'mul', inputs: ['gap', 'conv'] },
        { id: 'cat', op: 'concat', inputs: ['mul', 'conv', 'mul'] },
        { id: 'pool', op: 'maxPool', inputs: ['cat'], kernel: [2, 2], stride: [2, 1], padding: 'valid' },
        { id: 'flat', op: 'flatten', inputs: ['pool'] },
        { id: 'out', op: 'dense', inputs: ['flat'], units: 3, bias: false },
      ],
    };
    expect([...inferShapes(network)]).toEqual([
      ['in', [9, 7, 4]],
      ['conv', [5, 4, 6]],
      ['gap', [1, 1, 6]],
      ['mul', [5, 4, 6]],
      ['cat', [5, 4, 18]],
      ['pool', [2, 3, 18]],
      ['flat', [1, 1, 108]],
      ['out', [1, 1, 3]],
    ]);
  });

  it('points at the input that comes later', () => {
    const network: Network = {
      name: 'later',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [2, 2, 2] },
        { id: 'sum', op: 'add', inputs: ['in', 'flat'] },
        { id: 'flat', op: 'flatten', inputs: ['in'] },
      ],
    };
    expect(() => inferShapes(network, '/candidate')).toThrowError(
      expect.objectContaining({ code: 'invalid-network', pointer: '/candidate/nodes/1/inputs/1' }),
    );
  });

  it('gives positive whole numbers for every random network', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (network) => {
        const sizes = [...inferShapes(network).values()].flat();
        expect(sizes.every((size) => Number.isInteger(size) && size > 0)).toBe(true);
      }),
    );
  });
});
