import fc from 'fast-check';
import type { Padding, Shape } from '../../core/network/network.js';
import type { Op } from '../../core/ops/op.js';

const side = fc.integer({ min: 5, max: 40 });
const channels = fc.integer({ min: 1, max: 300 });
const shape: fc.Arbitrary<Shape> = fc.tuple(side, side, channels);
const pixels = fc.integer({ min: 0, max: 3 });
const padding: fc.Arbitrary<Padding> = fc.oneof(
  fc.constantFrom<Padding[]>('same', 'valid', [1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]),
  fc.tuple(pixels, pixels, pixels, pixels),
);
const activation = fc.constantFrom('relu', 'relu6', 'hswish', 'hsigmoid', 'swish', 'sigmoid', 'softmax');
const optionalActivation = fc.option(activation);

const dtype = fc.constantFrom('float32' as const, 'int8' as const);
const kind = <K extends string>(...kinds: K[]) => fc.constantFrom(...kinds);
const pair = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
const window = { kernel: pair(5), stride: pair(3), padding };
const folded = { residual: fc.boolean(), activation: optionalActivation };

const conv = fc
  .record({
    kind: kind('conv2d'),
    dtype,
    input: shape,
    filters: channels,
    groups: fc.constantFrom(1, 2, 4),
    ...window,
    ...folded,
  })
  .map((op) => {
    const [height, width, inputs] = op.input;
    const input = [height, width, inputs * op.groups] as const;
    return { ...op, input, filters: op.filters * op.groups };
  });

/** Any op, in any spelling: not only canonical ones. */
export const arbitraryOp: fc.Arbitrary<Op> = fc.oneof(
  conv,
  fc.record({ kind: kind('depthwise'), dtype, input: shape, ...window, ...folded }),
  fc.record({
    kind: kind('squeezeExcite'),
    dtype,
    input: shape,
    squeeze: channels,
    activation,
    gate: activation,
  }),
  fc.record({ kind: kind('globalAvgPool', 'add', 'flatten', 'batchNorm'), dtype, input: shape }),
  fc.record({ kind: kind('avgPool', 'maxPool'), dtype, input: shape, ...window }),
  fc.record({
    kind: kind('dense'),
    dtype,
    inputs: channels,
    units: channels,
    activation: optionalActivation,
  }),
  fc.record({ kind: kind('activation'), dtype, input: shape, activation }),
  fc.record({ kind: kind('mul'), dtype, input: shape, spread: fc.boolean() }),
  fc
    .tuple(dtype, side, side, fc.array(channels, { minLength: 2, maxLength: 5 }))
    .map(([element, height, width, parts]): Op => {
      const inputs = parts.map((count): Shape => [height, width, count]);
      return { kind: 'concat', dtype: element, inputs };
    }),
);
