import type {
  ActivationKind,
  Conv2dNode,
  LayerNode,
  Network,
  PoolNode,
  Shape,
} from '../../core/network/network.js';
import { inferShapes, windowGeometry } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';

/** A feature map, row-major `[height, width, channels]`. */
interface FeatureMap {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/**
 * Executes a network node by node with plain loops in double precision: slow, and simple enough to be right by reading.
 * @param image `[height, width, channels]` of the input, row-major
 * @returns the output node's map
 */
export function referenceInference(
  network: Network,
  weights: Weights,
  image: ArrayLike<number>,
): Float64Array {
  const shapes = inferShapes(network);
  const maps = new Map<string, FeatureMap>();
  for (const node of network.nodes) {
    const inputs = node.inputs.map((id) => maps.get(id)!);
    const data =
      node.op === 'input' ? Float64Array.from(image) : run(node, inputs, shapes.get(node.id)!, weights);
    maps.set(node.id, { shape: shapes.get(node.id)!, data });
  }
  return maps.get(network.nodes.at(-1)!.id)!.data;
}

function run(node: LayerNode, inputs: readonly FeatureMap[], shape: Shape, weights: Weights): Float64Array {
  const [first, second] = inputs as [FeatureMap, FeatureMap];
  const channels = shape[2];
  const weight = (role: string) => weights.get(`${node.id}/${role}`)?.data;
  switch (node.op) {
    case 'input':
      throw new Error('the input has no arithmetic');
    case 'conv2d':
      return convolve(node, first, shape, weight('kernel')!, weight('bias'));
    case 'batchNorm': {
      const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map(
        (role) => weight(role)!,
      );
      return first.data.map((x, i) => {
        const c = i % channels;
        return ((x - mean![c]!) / Math.sqrt(variance![c]! + node.epsilon)) * gamma![c]! + beta![c]!;
      });
    }
    case 'activation': {
      const { activation } = node;
      return activation === 'softmax' ? softmax(first) : first.data.map((x) => activate(x, activation));
    }
    case 'add':
      return first.data.map((x, i) => x + second.data[i]!);
    case 'mul': {
      const at = ({ data }: FeatureMap, i: number) => data[data.length === channels ? i % channels : i]!;
      return new Float64Array(shape[0] * shape[1] * channels).map((_, i) => at(first, i) * at(second, i));
    }
    case 'concat':
      return joined(inputs, shape);
    case 'globalAvgPool':
      return pooled(first);
    case 'avgPool':
    case 'maxPool':
      return slide(node, first, shape);
    case 'flatten':
      return first.data;
    case 'dense':
      return new Float64Array(node.units).map((_, unit) => {
        const row = weight('kernel')!.subarray(unit * first.data.length, (unit + 1) * first.data.length);
        return row.reduce((sum, w, c) => sum + w * first.data[c]!, weight('bias')?.[unit] ?? 0);
      });
  }
}

function convolve(
  node: Conv2dNode,
  input: FeatureMap,
  [rows, columns, filters]: Shape,
  kernel: Float32Array,
  bias: Float32Array | undefined,
): Float64Array {
  const [height, width, channels] = input.shape;
  const [kernelHeight, kernelWidth] = node.kernel;
  const { pads } = windowGeometry(input.shape, node.kernel, node.stride, node.padding);
  const [perGroup, filtersPerGroup] = [channels / node.groups, filters / node.groups];
  const output = new Float64Array(rows * columns * filters);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let f = 0; f < filters; f++) {
        let sum = bias?.[f] ?? 0;
        for (let c = 0; c < perGroup; c++) {
          for (let i = 0; i < kernelHeight; i++) {
            for (let j = 0; j < kernelWidth; j++) {
              const row = y * node.stride[0] + i - pads[0];
              const column = x * node.stride[1] + j - pads[3];
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              const channel = Math.floor(f / filtersPerGroup) * perGroup + c;
              const w = kernel[((f * perGroup + c) * kernelHeight + i) * kernelWidth + j]!;
              sum += w * input.data[(row * width + column) * channels + channel]!;
            }
          }
        }
        output[(y * columns + x) * filters + f] = sum;
      }
    }
  }
  return output;
}

/** Padded pixels take no part in a pool, as in TensorFlow. */
function slide(node: PoolNode, input: FeatureMap, [rows, columns, channels]: Shape): Float64Array {
  const [height, width] = input.shape;
  const { pads } = windowGeometry(input.shape, node.kernel, node.stride, node.padding);
  return new Float64Array(rows * columns * channels).map((_, index) => {
    const [y, x] = [Math.floor(index / channels / columns), Math.floor(index / channels) % columns];
    const seen: number[] = [];
    for (let i = 0; i < node.kernel[0]; i++) {
      for (let j = 0; j < node.kernel[1]; j++) {
        const row = y * node.stride[0] + i - pads[0];
        const column = x * node.stride[1] + j - pads[3];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        seen.push(input.data[(row * width + column) * channels + (index % channels)]!);
      }
    }
    return node.op === 'maxPool' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / seen.length;
  });
}

function pooled({ shape, data }: FeatureMap): Float64Array {
  const positions = shape[0] * shape[1];
  const sums = new Float64Array(shape[2]);
  data.forEach((x, i) => {
    sums[i % shape[2]]! += x / positions;
  });
  return sums;
}

function joined(inputs: readonly FeatureMap[], [height, width, channels]: Shape): Float64Array {
  const output = new Float64Array(height * width * channels);
  let offset = 0;
  for (const { shape, data } of inputs) {
    data.forEach((x, i) => {
      output[Math.floor(i / shape[2]) * channels + offset + (i % shape[2])] = x;
    });
    offset += shape[2];
  }
  return output;
}

function softmax({ data, shape }: FeatureMap): Float64Array {
  const output = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += shape[2]) {
    const exponentials = data.subarray(start, start + shape[2]).map(Math.exp);
    const total = exponentials.reduce((a, b) => a + b, 0);
    output.set(
      exponentials.map((e) => e / total),
      start,
    );
  }
  return output;
}

function activate(x: number, kind: Exclude<ActivationKind, 'softmax'>): number {
  const hard = Math.min(Math.max(x + 3, 0), 6) / 6;
  const logistic = 1 / (1 + Math.exp(-x));
  switch (kind) {
    case 'relu':
      return Math.max(x, 0);
    case 'relu6':
      return Math.min(Math.max(x, 0), 6);
    case 'hswish':
      return x * hard;
    case 'hsigmoid':
      return hard;
    case 'swish':
      return x * logistic;
    case 'sigmoid':
      return logistic;
  }
}
