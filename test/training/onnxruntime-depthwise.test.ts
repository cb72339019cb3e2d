import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowGeometry } from '../../core/network/window-geometry.js';
import { seededRng } from '../../core/random.js';
import { plainDepthwise } from '../../training/onnxruntime/blocked-reference.js';
import { blockedProducts } from '../../training/onnxruntime/graph/depthwise/blocked.js';
import type {
  DepthwiseOperands,
  DepthwiseProducts,
} from '../../training/onnxruntime/graph/depthwise/depthwise-products.js';
import type { DepthwiseShape } from '../../training/onnxruntime/graph/depthwise/depthwise-shape.js';
import { rowWindowProducts } from '../../training/onnxruntime/graph/depthwise/row-windows.js';
import { toeplitzProducts } from '../../training/onnxruntime/graph/depthwise/toeplitz.js';
import type { TensorOps } from '../../training/onnxruntime/graph/tensor-ops.js';
import { probeNchwc } from '../../training/onnxruntime/nchwc-probe.js';
import { relativeDeviation } from './expect-close.js';
import { runGraph } from './run-graph.js';

type MakeProducts = (ops: TensorOps, shape: DepthwiseShape, operands: DepthwiseOperands) => DepthwiseProducts;

const { block } = await probeNchwc();

const WAYS: Readonly<Record<string, MakeProducts>> = {
  toeplitz: (ops, shape, operands) => toeplitzProducts({ ops }, shape, operands),
  'windows of 1 row': (ops, shape, operands) => rowWindowProducts({ ops }, shape, 1, operands),
  'windows of 3 rows': (ops, shape, operands) => rowWindowProducts({ ops }, shape, 3, operands),
  ...(block !== 0 && {
    blocked: (ops: TensorOps, shape: DepthwiseShape, operands: DepthwiseOperands) =>
      blockedProducts({ ops, block }, shape, operands),
  }),
};

/** The network's own range: channels that fill no block, maps of 2 to 28, kernels of 1 to 7, strides, paddings. */
const SHAPES = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.constantFrom(1, 4, 7, 8, 13, 16, 21),
    input: fc.tuple(fc.integer({ min: 2, max: 28 }), fc.integer({ min: 2, max: 28 })),
    kernel: fc.tuple(fc.constantFrom(1, 3, 5, 7), fc.constantFrom(1, 3, 5, 7)),
    stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.constantFrom('same' as const, 'valid' as const, [1, 0, 2, 1] as const),
  })
  .map(({ padding, ...rest }): DepthwiseShape => {
    return { ...rest, ...windowGeometry(rest.input, rest.kernel, rest.stride, padding) };
  })
  .filter(({ output }) => output[0] >= 1 && output[1] >= 1)
  // A kernel smaller than the padding around it has no counterpart in any real network.
  .filter(({ kernel, pads }) => pads.every((pad, side) => pad < kernel[side % 2 === 0 ? 0 : 1]));

const SCALE = 1.5;

async function deviations(shape: DepthwiseShape, make: MakeProducts, seed: number) {
  const { batch, channels, input, output, kernel, stride } = shape;
  const rng = seededRng(seed);
  const tensor = (...dims: readonly [rows: number, columns: number]) => {
    return { shape: dims, data: Float32Array.from({ length: dims[0] * dims[1] }, () => rng() * 2 - 1) };
  };
  const x = tensor(channels, batch * input[0] * input[1]);
  const w = tensor(channels, kernel[0] * kernel[1]);
  const dz = tensor(channels, batch * output[0] * output[1]);
  const factor = tensor(channels, 1);
  const strided = stride[0] > 1 || stride[1] > 1;
  const actual = await runGraph({ x, w, dz, factor }, (ops) => {
    const products = make(ops, shape, { x: 'x', kernel: 'w', forwardScale: SCALE });
    const both = { forward: products.forward(), kernelGradient: products.kernelGradient('dz') };
    // choose-products.ts takes row windows there.
    if (make === WAYS.blocked && strided) return both;
    return {
      ...both,
      inputGradient: products.inputGradient('dz', null),
      scaledInputGradient: products.inputGradient('dz', 'factor'),
    };
  });
  const scaled = w.data.map((value, i) => value * factor.data[Math.floor(i / (kernel[0] * kernel[1]))]!);
  const plain = plainDepthwise(shape, x.data, w.data, dz.data);
  const expected: Record<string, Float32Array> = {
    ...plain,
    forward: plain.forward.map((value) => value * SCALE),
    scaledInputGradient: plainDepthwise(shape, x.data, scaled, dz.data).inputGradient,
  };
  return Object.entries(actual).map(([product, values]): [string, number] => [
    product,
    relativeDeviation(values, expected[product]!),
  ]);
}

describe.each(Object.entries(WAYS))('depthwise products by %s', (_name, make) => {
  it('equal plain loops on any shape', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(SHAPES, fc.nat(), async (shape, seed) => {
        for (const [product, deviation] of await deviations(shape, make, seed)) {
          expect(deviation, product).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

describe('the probe of the blocked layout', () => {
  it('finds a block size, or says why there is none', async () => {
    const { block: found, reason } = await probeNchwc();
    expect([0, 8, 16]).toContain(found);
    expect(reason === undefined).toBe(found !== 0);
  });
});
