import { isDepthwise } from '../network/is-depthwise.js';
import type { ActivationKind, LayerNode, Network } from '../network/network.js';
import { inferShapes } from '../network/shapes.js';
import type { Weights } from '../network/weights.js';

/** What is known of each channel of a feature map without running the network. */
interface ChannelMoments {
  readonly mean: Float64Array;
  /** 0 where only the mean is known. */
  readonly deviation: Float64Array;
}

/**
 * Mean value of every channel of every node, from weights alone: a batch norm makes its channels normal with mean β and
 * deviation |γ|, an activation's mean follows from that, pooling keeps means, and layers without batch norm are taken at
 * the mean of their input. The image counts as zero, as it is normalised.
 * @returns by node id, one value for each channel
 * @see Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167, for why β and γ are mean and deviation
 */
export function expectedActivations(network: Network, weights: Weights): ReadonlyMap<string, Float64Array> {
  const shapes = inferShapes(network);
  const moments = new Map<string, ChannelMoments>();
  for (const node of network.nodes) {
    const inputs = node.inputs.map((id) => moments.get(id)!);
    const inputShape = node.inputs[0] === undefined ? undefined : shapes.get(node.inputs[0]);
    moments.set(node.id, momentsOf(node, inputs, weights, shapes.get(node.id)![2], inputShape));
  }
  return new Map([...moments].map(([id, { mean }]) => [id, mean]));
}

function momentsOf(
  node: LayerNode,
  inputs: readonly ChannelMoments[],
  weights: Weights,
  channels: number,
  inputShape: readonly number[] | undefined,
): ChannelMoments {
  const [first, second] = inputs;
  switch (node.op) {
    case 'input':
      return known(new Float64Array(channels));
    case 'conv2d':
      return known(affine(node.id, first!.mean, weights, channels, isDepthwise(node, inputShape![2]!)));
    case 'dense':
      return known(affine(node.id, first!.mean, weights, channels, false));
    case 'batchNorm': {
      const valuesOf = (role: string) => weights.get(`${node.id}/${role}`)!.data;
      return {
        mean: Float64Array.from(valuesOf('beta')),
        deviation: Float64Array.from(valuesOf('gamma'), Math.abs),
      };
    }
    case 'activation':
      return known(first!.mean.map((mean, c) => meanAfter(node.activation, mean, first!.deviation[c]!)));
    case 'add':
      return {
        mean: first!.mean.map((mean, c) => mean + second!.mean[c]!),
        deviation: first!.deviation.map((deviation, c) => Math.hypot(deviation, second!.deviation[c]!)),
      };
    case 'mul':
      return known(first!.mean.map((mean, c) => mean * second!.mean[c]!));
    case 'concat':
      return {
        mean: Float64Array.from(inputs.flatMap(({ mean }) => [...mean])),
        deviation: Float64Array.from(inputs.flatMap(({ deviation }) => [...deviation])),
      };
    case 'flatten':
      return known(Float64Array.from({ length: channels }, (_, i) => first!.mean[i % first!.mean.length]!));
    default:
      return known(first!.mean);
  }
}

function known(mean: Float64Array): ChannelMoments {
  return { mean, deviation: new Float64Array(mean.length) };
}

/** Kernel times mean plus bias; what padding takes away at the borders is neglected. */
function affine(
  id: string,
  input: Float64Array,
  weights: Weights,
  channels: number,
  depthwise: boolean,
): Float64Array {
  const kernel = weights.get(`${id}/kernel`)!;
  const bias = weights.get(`${id}/bias`)?.data;
  const perOutput = kernel.data.length / channels;
  const perInput = perOutput / kernel.shape[1]!;
  return Float64Array.from({ length: channels }, (_, output) => {
    let sum = bias?.[output] ?? 0;
    for (let i = 0; i < perOutput; i++) {
      const channel = depthwise ? output : Math.floor(i / perInput);
      sum += kernel.data[output * perOutput + i]! * (input[channel] ?? 0);
    }
    return sum;
  });
}

const RANGE = 5;
const POINTS = 200;

/** Mean of an activation of a normal variable, by the midpoint rule over ±5 deviations. */
function meanAfter(activation: ActivationKind, mean: number, deviation: number): number {
  if (deviation === 0) return activate(activation, mean);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < POINTS; i++) {
    const z = (2 * (i + 0.5)) / POINTS - 1;
    const density = Math.exp(-((RANGE * z) ** 2) / 2);
    sum += density * activate(activation, mean + deviation * RANGE * z);
    total += density;
  }
  return sum / total;
}

function activate(activation: ActivationKind, x: number): number {
  const relu6 = (value: number): number => Math.min(6, Math.max(0, value));
  switch (activation) {
    case 'relu':
      return Math.max(0, x);
    case 'relu6':
      return relu6(x);
    case 'hswish':
      return (x * relu6(x + 3)) / 6;
    case 'hsigmoid':
      return relu6(x + 3) / 6;
    case 'swish':
      return x / (1 + Math.exp(-x));
    case 'sigmoid':
      return 1 / (1 + Math.exp(-x));
    case 'softmax':
      return x;
  }
}
