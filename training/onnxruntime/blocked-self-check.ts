import { InferenceSession, Tensor } from 'onnxruntime-node';
import { sameGeometry } from '../../core/network/window-geometry.js';
import { seededRng } from '../../core/random.js';
import { OnnxGraph } from '../../formats/onnx/onnx-graph.js';
import { plainDepthwise } from './blocked-reference.js';
import { blockedProducts } from './graph/depthwise/blocked.js';
import type { DepthwiseShape } from './graph/depthwise/depthwise-shape.js';
import type { BlockSize } from './graph/layer-context.js';
import { TensorOps } from './graph/tensor-ops.js';
import { TRAINING_OPTIONS } from './session-options.js';

/** Channel counts that fill no block, and windows of each kind that training uses. */
const CASES = [
  { channels: 13, kernel: 3, stride: 1, size: [12, 11] },
  { channels: 21, kernel: 5, stride: 2, size: [9, 8] },
] as const;
const MOST_DEVIATION = 1e-4;

/** @returns what differs from plain loops, in words; null when nothing does */
export async function checkBlockedProducts(block: BlockSize): Promise<string | null> {
  for (const { channels, kernel, stride, size } of CASES) {
    const window = { kernel: [kernel, kernel], stride: [stride, stride] } as const;
    const shape: DepthwiseShape = {
      batch: 3,
      channels,
      input: size,
      ...window,
      ...sameGeometry(size, window.kernel, window.stride),
    };
    const problem = await checkShape(shape, block);
    if (problem !== null) return problem;
  }
  return null;
}

async function checkShape(shape: DepthwiseShape, block: BlockSize): Promise<string | null> {
  const { batch, channels, input, output, kernel, stride } = shape;
  const shapes = {
    x: [channels, batch * input[0] * input[1]],
    w: [channels, kernel[0] * kernel[1]],
    dz: [channels, batch * output[0] * output[1]],
  } as const;
  const graph = new OnnxGraph({ '': 18, 'com.microsoft': 1, 'com.microsoft.nchwc': 1 });
  const ops = new TensorOps(graph);
  for (const [name, dims] of Object.entries(shapes)) graph.input(name, dims);
  const products = blockedProducts({ ops, block }, shape, { x: 'x', kernel: 'w', forwardScale: 1 });
  const outputs = {
    forward: products.forward(),
    kernelGradient: products.kernelGradient('dz'),
    ...(stride[0] === 1 && { inputGradient: products.inputGradient('dz', null) }),
  };
  graph.output(outputs.forward, shapes.dz);
  graph.output(outputs.kernelGradient, shapes.w);
  if (outputs.inputGradient !== undefined) graph.output(outputs.inputGradient, shapes.x);

  const rng = seededRng(1);
  const random = ([rows, columns]: readonly [number, number]) =>
    Float32Array.from({ length: rows * columns }, () => rng() * 2 - 1);
  const [x, w, dz] = [random(shapes.x), random(shapes.w), random(shapes.dz)];
  const session = await InferenceSession.create(graph.encode(), TRAINING_OPTIONS);
  const results = await session.run({
    x: new Tensor('float32', x, shapes.x),
    w: new Tensor('float32', w, shapes.w),
    dz: new Tensor('float32', dz, shapes.dz),
  });
  await session.release();
  const expected = plainDepthwise(shape, x, w, dz);
  for (const [product, name] of Object.entries(outputs)) {
    const actual = results[name]!.data as Float32Array;
    const deviation = largestDeviation(actual, expected[product as keyof typeof expected]);
    if (deviation <= MOST_DEVIATION) continue;
    return `${product} of a ${kernel.join('x')} kernel is off by ${deviation} on this machine`;
  }
  return null;
}

function largestDeviation(actual: Float32Array, expected: Float32Array): number {
  return expected.reduce((most, value, i) => {
    const deviation = Math.abs(value - actual[i]!);
    return Number.isNaN(deviation) ? Number.POSITIVE_INFINITY : Math.max(most, deviation);
  }, 0);
}
