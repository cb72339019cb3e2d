import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LutraError } from '../../core/errors.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { arbitraryNetwork } from './arbitrary-network.js';

/** A network that uses every kind of node, as a caller might send it. */
function validDocument() {
  return {
    name: 'valid',
    nodes: [
      { id: 'input', op: 'input', inputs: [], shape: [8, 8, 3] },
      {
        id: 'conv',
        op: 'conv2d',
        inputs: ['input'],
        filters: 8,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
        groups: 1,
        bias: false,
      },
      { id: 'bn', op: 'batchNorm', inputs: ['conv'], epsilon: 0.001 },
      { id: 'act', op: 'activation', inputs: ['bn'], activation: 'hswish' },
      { id: 'sum', op: 'add', inputs: ['act', 'conv'] },
      { id: 'gap', op: 'globalAvgPool', inputs: ['sum'] },
      { id: 'scaled', op: 'mul', inputs: ['sum', 'gap'] },
      { id: 'joined', op: 'concat', inputs: ['scaled', 'act'] },
      {
        id: 'avg',
        op: 'avgPool',
        inputs: ['joined'],
        kernel: [2, 2],
        stride: [2, 2],
        padding: 'valid',
      },
      { id: 'max', op: 'maxPool', inputs: ['avg'], kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] },
      { id: 'flat', op: 'flatten', inputs: ['max'] },
      { id: 'dense', op: 'dense', inputs: ['flat'], units: 10, bias: true },
    ] as Record<string, unknown>[],
  };
}

/** The valid document with one node's fields replaced; `undefined` removes a field. */
function withFields(position: number, fields: Record<string, unknown>): unknown {
  const document = validDocument();
  const node = document.nodes[position]!;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) delete node[key];
    else node[key] = value;
  }
  return document;
}

function refusalOf(document: unknown, pointer = ''): LutraError {
  try {
    parseNetwork(document, pointer);
  } catch (error) {
    if (error instanceof LutraError) return error;
    throw error;
  }
  throw new Error('the document was accepted');
}

it('the example of docs/networks.md is a network', () => {
  const page = readFileSync(new URL('../../docs/networks.md', import.meta.url), 'utf8');
  const [, example] = /```json\n([\s\S]+?)```/.exec(page)!;
  expect(parseNetwork(JSON.parse(example!)).nodes.at(-1)).toMatchObject({ op: 'dense', units: 10 });
});

describe('parseNetwork', () => {
  it('accepts every kind of node and gives the document back', () => {
    expect(parseNetwork(validDocument())).toEqual(validDocument());
  });

  it('reads back what JSON makes of any valid network', () => {
    fc.assert(
      fc.property(arbitraryNetwork(), (network) => {
        expect(parseNetwork(JSON.parse(JSON.stringify(network)))).toEqual(network);
      }),
    );
  });

  it('never fails but by refusing', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(Number.NaN, undefined, 1e9, -1));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 11 }),
        fc.constantFrom('id', 'op', 'inputs', 'shape', 'filters', 'kernel', 'padding', 'groups', 'units'),
        field,
        (position, key, value) => {
          try {
            parseNetwork(withFields(position, { [key]: value }));
          } catch (error) {
            expect(error).toBeInstanceOf(LutraError);
            expect((error as LutraError).code).toBe('invalid-network');
            expect((error as LutraError).pointer).toMatch(/^(\/(nodes|name)(\/.*)?)?$/);
          }
        },
      ),
    );
  });

  it.each([
    ['zero', 0, '0'],
    ['a thousand million', 1e9, '1000000000'],
    ['NaN', Number.NaN, 'NaN'],
    ['a fraction', 1.5, '1.5'],
    ['infinity', Number.POSITIVE_INFINITY, 'Infinity'],
    ['a string', '8', '"8"'],
    ['null', null, 'null'],
    ['a negative number', -8, '-8'],
    ['an array', [8], 'an array of 1'],
  ])('refuses %s as filters', (_, filters, shown) => {
    const error = refusalOf(withFields(1, { filters }), '/candidate/network');
    expect(error.code).toBe('invalid-network');
    expect(error.pointer).toBe('/candidate/network/nodes/1/filters');
    expect(error.message).toBe(`node 'conv': filters: expected an integer from 1 to 16384, got ${shown}`);
  });

  it.each([
    ['an unknown field', 1, { dilation: [2, 2] }, '/nodes/1/dilation', 'unknown field "dilation"'],
    ['a constructor field', 1, { constructor: 1 }, '/nodes/1/constructor', 'unknown field "constructor"'],
    ['another op’s field', 2, { filters: 8 }, '/nodes/2/filters', 'unknown field "filters"'],
    ['a missing field', 1, { groups: undefined }, '/nodes/1/groups', "field 'groups' is missing"],
    ['a missing op', 1, { op: undefined }, '/nodes/1/op', "field 'op' is missing"],
    ['an unknown op', 1, { op: 'lstm' }, '/nodes/1/op', 'got "lstm"'],
    [
      'an unknown activation',
      3,
      { activation: 'gelu' },
      '/nodes/3/activation',
      'expected one of relu, relu6',
    ],
    ['a kernel of three numbers', 1, { kernel: [3, 3, 3] }, '/nodes/1/kernel', 'expected 2 entries, got 3'],
    ['a stride of zero', 1, { stride: [1, 0] }, '/nodes/1/stride/1', 'got 0'],
    ['negative padding', 9, { padding: [1, -1, 1, 1] }, '/nodes/9/padding/1', 'got -1'],
    ['an unknown padding', 1, { padding: 'SAME' }, '/nodes/1/padding', 'got "SAME"'],
    ['a bias of 1', 1, { bias: 1 }, '/nodes/1/bias', 'expected true or false, got 1'],
    ['an epsilon of 0', 2, { epsilon: 0 }, '/nodes/2/epsilon', 'got 0'],
    ['an id with a space', 2, { id: 'b n' }, '/nodes/2/id', 'got "b n"'],
    ['a prototype key as id', 2, { id: 'constructor' }, '/nodes/2/id', 'got "constructor"'],
    ['an id twice', 2, { id: 'conv' }, '/nodes/2/id', "got 'conv', which node 1 has"],
    ['inputs that are no array', 2, { inputs: 'conv' }, '/nodes/2/inputs', 'expected an array, got "conv"'],
    ['a missing input', 2, { inputs: ['cnov'] }, '/nodes/2/inputs/0', "got 'cnov', which is no node"],
    ['no input', 2, { inputs: [] }, '/nodes/2/inputs', 'batchNorm takes 1 input, got 0'],
    ['three addends', 4, { inputs: ['act', 'conv', 'bn'] }, '/nodes/4/inputs', 'add takes 2 inputs, got 3'],
    [
      'a lonely concat',
      7,
      { inputs: ['scaled'] },
      '/nodes/7/inputs',
      'concat takes at least 2 inputs, got 1',
    ],
    ['unequal addends', 4, { inputs: ['conv', 'input'] }, '/nodes/4/inputs/1', 'got 8x8x8 and 8x8x3'],
    ['unequal factors', 6, { inputs: ['sum', 'input'] }, '/nodes/6/inputs/1', 'got 8x8x8 and 8x8x3'],
    ['unequal maps in a concat', 7, { inputs: ['scaled', 'gap'] }, '/nodes/7/inputs/1', 'got 1x1x8'],
    ['a dense layer over a map', 11, { inputs: ['max'] }, '/nodes/11/inputs/0', 'got 4x4x16'],
    ['groups that do not divide', 1, { groups: 3, filters: 8 }, '/nodes/1/groups', 'got 3'],
    ['a kernel that does not fit', 8, { kernel: [9, 9] }, '/nodes/8/kernel', 'got 9x9'],
    [
      'a second input',
      2,
      { op: 'input', inputs: [], shape: [8, 8, 3], epsilon: undefined },
      '/nodes/2/op',
      "'bn'",
    ],
    ['a first node that is no input', 0, { op: 'flatten', shape: undefined }, '/nodes/0/op', "got 'flatten'"],
  ])('refuses %s', (_, position, fields, pointer, message) => {
    const error = refusalOf(withFields(position, fields));
    expect(error.code).toBe('invalid-network');
    expect(error.pointer).toBe(pointer);
    expect(error.message).toContain(message);
  });

  it('refuses a __proto__ field, which JSON makes an own property', () => {
    const text = JSON.stringify(validDocument()).replace(
      '"groups":1',
      '"groups":1,"__proto__":{"admin":true}',
    );
    const error = refusalOf(JSON.parse(text));
    expect(error.pointer).toBe('/nodes/1/__proto__');
  });

  it('tells a cycle from a forward reference', () => {
    const cycle = refusalOf(withFields(2, { inputs: ['act'] }));
    expect(cycle.message).toContain("node 'bn' is part of a cycle: bn ← act ← bn");
    expect(cycle.pointer).toBe('/nodes/2/inputs/0');
    const self = refusalOf(withFields(2, { inputs: ['bn'] }));
    expect(self.message).toContain('cycle: bn ← bn');
    const forward = refusalOf({
      name: 'forward',
      nodes: [
        { id: 'in', op: 'input', inputs: [], shape: [1, 1, 4] },
        { id: 'b', op: 'dense', inputs: ['a'], units: 2, bias: true },
        { id: 'a', op: 'dense', inputs: ['in'], units: 3, bias: true },
        { id: 'sum', op: 'concat', inputs: ['a', 'b'] },
      ],
    });
    expect(forward.message).toContain("got 'a', which comes later (a forward reference)");
  });

  it('refuses a node that nobody reads', () => {
    const document = validDocument();
    document.nodes.splice(11, 0, { id: 'stray', op: 'flatten', inputs: ['max'] });
    const error = refusalOf(document);
    expect(error.pointer).toBe('/nodes/11');
    expect(error.message).toContain("node 'stray': expected a later node that reads it, got none");
  });

  it.each([
    ['null', null, ''],
    ['an array', [], ''],
    ['a class instance', new (class Foreign {})(), ''],
    ['no nodes', { name: 'x', nodes: [] }, '/nodes'],
    ['too many nodes', { name: 'x', nodes: new Array(2001).fill(null) }, '/nodes'],
    ['a node that is null', { name: 'x', nodes: [null, null] }, '/nodes/0'],
    ['an empty name', { name: '', nodes: validDocument().nodes }, '/name'],
    ['an extra field', { ...validDocument(), 'a/b~': 1 }, '/a~1b~0'],
  ])('refuses %s as a document', (_, document, pointer) => {
    expect(refusalOf(document).pointer).toBe(pointer);
  });

  it('holds feature maps, weights and arithmetic within limits', () => {
    const conv = validDocument().nodes[1]!;
    const withConv = (shape: number[], fields: Record<string, unknown>) => ({
      name: 'large',
      nodes: [
        { id: 'input', op: 'input', inputs: [], shape },
        { ...conv, ...fields },
      ],
    });
    const map = refusalOf(withConv([4096, 4096, 1], { filters: 9 }));
    expect(map.message).toBe(
      "node 'conv': expected an output of at most 134217728 elements, got 4096x4096x9",
    );
    expect(map.pointer).toBe('/nodes/1');
    const padded = refusalOf(withConv([4096, 1, 1], { padding: [200, 1, 200, 1] }));
    expect(padded.message).toContain('at most 4096 rows and columns, got 4494x1x8');
    const weight = refusalOf(withConv([1, 1, 16384], { filters: 16384 }));
    expect(weight.message).toContain('at most 134217728 elements in one weight, got 2415919104');
    const macs = refusalOf(withConv([2048, 2048, 32], { filters: 32, kernel: [255, 255] }));
    expect(macs.message).toContain('expected at most 17592186044416 MACs');
  });
});
