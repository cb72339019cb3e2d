import { LutraError } from '../../core/errors.js';
import type { ActivationKind } from '../../core/network/network.js';
import type { Conv2dOp, DenseOp, DepthwiseOp, Op, PoolOp, SqueezeExciteOp } from '../../core/ops/op.js';
import { BATCH_NORM_EPSILON, type WeightSource } from '../weights/weight-source.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D, Tfjs } from './tfjs-core.js';

/** An op with its weights in memory. */
export interface PreparedOp {
  /**
   * Executes it, call by call. What lies between is disposed of.
   * @param inputs maps `[1, height, width, channels]` or vectors `[1, channels]`, in the op's order; they live on
   * @returns a new tensor
   */
  call(inputs: readonly Tensor[]): Tensor;
  dispose(): void;
}

/**
 * How a layer becomes calls: `fused` is one call with bias and activation in it, `plain` one call for each. Each engine
 * has its cheaper way, which is part of the environment. It is a constant: a choice by timing in every process could
 * fall differently on a busy machine, and split a device's table in two.
 */
export type CallStyle = 'fused' | 'plain';

/** WebAssembly's kernels add bias and activation on the way: plain calls take 1.35 of the time. */
export const WASM_CALLS: CallStyle = 'fused';

/** The native binding does the same three steps inside a fused call and pays for more arguments: plain calls take 0.89. */
export const NATIVE_CALLS: CallStyle = 'plain';

/** @throws LutraError `unsupported-op` */
export function prepareOp(tf: Tfjs, op: Op, weights: WeightSource, style: CallStyle): PreparedOp {
  const maker = new StepMaker(tf, weights, style);
  const steps = maker.steps(op);
  return {
    call: ([first, ...others]) => runSteps(steps, first!, others),
    dispose: () => maker.dispose(),
  };
}

/** One call; `others` are the op's further inputs. */
type Step = (x: Tensor, others: readonly Tensor[]) => Tensor;

function runSteps(steps: readonly Step[], input: Tensor, others: readonly Tensor[]): Tensor {
  let current = input;
  for (const step of steps) {
    const next = step(current, others);
    if (current !== input && current !== next) current.dispose();
    current = next;
  }
  return current;
}

interface Layer {
  /** In tfjs's order of axes. */
  readonly filter: Tensor4D;
  readonly bias: Tensor1D;
  readonly activation: ActivationKind | null;
  readonly stride: readonly [height: number, width: number];
  readonly pad: 'same' | 'valid';
}

/** Padding of a maximum: below every activation, and finite. */
const BELOW_ALL = -3e38;

/** Turns ops into calls; owns the weights and constants that they use. */
class StepMaker {
  private readonly owned: Tensor[] = [];

  constructor(
    private readonly tf: Tfjs,
    private readonly weights: WeightSource,
    private readonly style: CallStyle,
  ) {}

  dispose(): void {
    for (const tensor of this.owned) tensor.dispose();
  }

  steps(op: Op): readonly Step[] {
    const { tf } = this;
    if (op.dtype !== 'float32')
      throw new LutraError('unsupported-op', `tfjs computes in float32, not ${op.dtype}`);
    switch (op.kind) {
      case 'conv2d':
      case 'depthwise':
        return this.convolution(op);
      case 'squeezeExcite':
        return [this.scaledBy(this.gate(op))];
      case 'globalAvgPool':
        return [(x) => tf.mean(x, [1, 2], true)];
      case 'avgPool':
      case 'maxPool':
        return this.pool(op);
      case 'dense':
        return this.dense(op);
      case 'activation':
        return this.activation(op.activation);
      case 'add':
        return [(x, [other]) => tf.add(x, other!)];
      case 'mul':
        return [(x, [other]) => tf.mul(x, other!)];
      case 'concat':
        return [(x, others) => tf.concat([x, ...others] as Tensor4D[], 3)];
      case 'flatten':
        return [(x) => tf.reshape(x, [1, x.size])];
      case 'batchNorm':
        return [this.batchNorm(op.input[2])];
    }
  }

  private convolution(op: Conv2dOp | DepthwiseOp): readonly Step[] {
    const { tf } = this;
    if (op.kind === 'conv2d' && op.groups > 1)
      throw new LutraError('unsupported-op', `tfjs has no convolution of ${op.groups} groups`);
    if (op.kind === 'depthwise' && op.stride[0] !== op.stride[1])
      throw new LutraError(
        'unsupported-op',
        'TensorFlow has no depthwise convolution of two different strides',
      );
    const channels = op.input[2];
    const shape = op.kind === 'conv2d' ? [op.filters, channels, ...op.kernel] : [channels, 1, ...op.kernel];
    const filter = this.kernel<Tensor4D>(shape, op.kind === 'conv2d' ? [2, 3, 1, 0] : [2, 3, 0, 1]);
    const bias = this.bias(shape[0]!);
    const activation = op.residual ? null : op.activation;
    const layer = { filter, bias, activation, stride: op.stride, pad: padName(op) };
    return [
      (x) => this.asMap(x),
      ...this.padding(op, 0),
      ...this.convolve(op.kind, layer),
      ...(op.residual ? [(x: Tensor, [side]: readonly Tensor[]) => tf.add(x, side!)] : []),
      ...(op.residual ? this.activation(op.activation) : []),
    ];
  }

  private convolve(kind: 'conv2d' | 'depthwise', layer: Layer): readonly Step[] {
    const { tf } = this;
    const { filter, bias, activation, pad } = layer;
    const strides = [...layer.stride] as [number, number];
    if (this.style === 'plain') {
      const call = kind === 'conv2d' ? tf.conv2d : tf.depthwiseConv2d;
      return [
        (x) => call(x as Tensor4D, filter, strides, pad),
        (x) => tf.add(x, bias),
        ...this.activation(activation),
      ];
    }
    const call = kind === 'conv2d' ? tf.fused.conv2d : tf.fused.depthwiseConv2d;
    const [folded, rest] = this.split(activation);
    const settings = { filter, bias, strides, pad, activation: folded };
    return [(x) => call({ x: x as Tensor4D, ...settings }), ...rest];
  }

  private dense({ inputs, units, activation }: DenseOp): readonly Step[] {
    const { tf } = this;
    const kernel = this.kernel<Tensor2D>([units, inputs], [1, 0]);
    const bias = this.bias(units);
    const [folded, rest] = this.split(activation);
    return [
      (x) => (x.rank === 2 ? x : tf.reshape(x, [1, x.size])),
      ...(this.style === 'plain'
        ? [
            (x: Tensor) => tf.matMul(x as Tensor2D, kernel),
            (x: Tensor) => tf.add(x, bias),
            ...this.activation(activation),
          ]
        : [
            (x: Tensor) => tf.fused.matMul({ a: x as Tensor2D, b: kernel, bias, activation: folded }),
            ...rest,
          ]),
    ];
  }

  /** What a squeeze-excite multiplies its input by. */
  private gate(op: SqueezeExciteOp): readonly Step[] {
    const channels = op.input[2];
    const layer = (inputs: number, filters: number, activation: ActivationKind): readonly Step[] => {
      const filter = this.kernel<Tensor4D>([filters, inputs, 1, 1], [2, 3, 1, 0]);
      const bias = this.bias(filters);
      return this.convolve('conv2d', { filter, bias, activation, stride: [1, 1], pad: 'same' });
    };
    return [
      (x) => this.tf.mean(x, [1, 2], true),
      ...layer(channels, op.squeeze, op.activation),
      ...layer(op.squeeze, channels, op.gate),
    ];
  }

  private pool(op: PoolOp): readonly Step[] {
    const [kernel, stride] = [[...op.kernel] as [number, number], [...op.stride] as [number, number]];
    const pad = padName(op);
    if (op.kind === 'maxPool') {
      return [...this.padding(op, BELOW_ALL), (x) => this.tf.maxPool(x as Tensor4D, kernel, stride, pad)];
    }
    if (typeof op.padding !== 'string')
      throw new LutraError('unsupported-op', 'tfjs has no mean under a window with explicit padding');
    return [(x) => this.tf.avgPool(x as Tensor4D, kernel, stride, pad)];
  }

  /** tfjs has no hard sigmoid: h-swish is four calls, as in a converted model. */
  private activation(kind: ActivationKind | null): readonly Step[] {
    const { tf } = this;
    switch (kind) {
      case null:
        return [];
      case 'relu':
        return [(x) => tf.relu(x)];
      case 'relu6':
        return [(x) => tf.relu6(x)];
      case 'sigmoid':
        return [(x) => tf.sigmoid(x)];
      case 'softmax':
        return [(x) => tf.softmax(x)];
      case 'swish':
        return [this.scaledBy([(x) => tf.sigmoid(x)])];
      case 'hswish':
        return [this.scaledBy(this.activation('hsigmoid'))];
      case 'hsigmoid': {
        const [three, sixth] = [this.own(tf.scalar(3)), this.own(tf.scalar(1 / 6))];
        return [(x) => tf.add(x, three), (x) => tf.relu6(x), (x) => tf.mul(x, sixth)];
      }
    }
  }

  private batchNorm(channels: number): Step {
    const parameters = this.weights.batchNorm(channels);
    const [gamma, beta, mean, variance] = [
      parameters.gamma,
      parameters.beta,
      parameters.mean,
      parameters.variance,
    ].map((data) => this.own(this.tf.tensor1d(data))) as [Tensor1D, Tensor1D, Tensor1D, Tensor1D];
    return (x) => this.tf.batchNorm(x, mean, variance, beta, gamma, BATCH_NORM_EPSILON);
  }

  /** x times what the steps make of x. */
  private scaledBy(steps: readonly Step[]): Step {
    return (x, others) => {
      const factor = runSteps(steps, x, others);
      const scaled = this.tf.mul(x, factor);
      factor.dispose();
      return scaled;
    };
  }

  /** The part of an activation that tfjs folds into a layer, and the calls for the rest. */
  private split(kind: ActivationKind | null): readonly ['linear' | 'relu' | 'relu6', readonly Step[]] {
    if (kind === 'relu' || kind === 'relu6') return [kind, []];
    return ['linear', this.activation(kind)];
  }

  private padding({ padding }: Conv2dOp | DepthwiseOp | PoolOp, value: number): readonly Step[] {
    if (typeof padding === 'string') return [];
    const [top, right, bottom, left] = padding;
    const pads: [number, number][] = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    return [(x) => this.tf.pad(x, pads, value)];
  }

  private asMap(x: Tensor): Tensor {
    return x.rank === 4 ? x : this.tf.reshape(x, [1, 1, 1, x.size]);
  }

  /** @param order of tfjs's axes among the kernel's own */
  private kernel<T extends Tensor>(shape: readonly number[], order: number[]): T {
    const { tf } = this;
    return this.own(
      tf.tidy(() => tf.transpose(tf.tensor(this.weights.kernel(shape), [...shape]), order)),
    ) as T;
  }

  private bias(length: number): Tensor1D {
    return this.own(this.tf.tensor1d(this.weights.bias(length)));
  }

  private own<T extends Tensor>(tensor: T): T {
    this.owned.push(tensor);
    return tensor;
  }
}

/** Explicit padding is a call of its own before the window. */
function padName({ padding }: Conv2dOp | DepthwiseOp | PoolOp): 'same' | 'valid' {
  return padding === 'same' ? 'same' : 'valid';
}
