import type { Conv2dNode, LayerNode, Network, Shape } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import { windowGeometry } from '../../core/network/window-geometry.js';
import { type Attributes, OnnxGraph } from '../../formats/onnx/onnx-graph.js';

export interface NchwGraph {
  readonly model: Uint8Array;
  /** Output names: the loss, and one gradient for each trainable weight. */
  readonly loss: string;
  readonly gradients: ReadonlyMap<string, string>;
  /** What each activation node reads, by its id: an output too where it was asked for. */
  readonly preActivations: ReadonlyMap<string, string>;
}

export interface NchwOptions {
  /**
   * Declares pre-activations as outputs, and adds an input `<node id>/nudge` of their shape for each: the slope, and
   * only it, is taken at pre-activation + nudge.
   */
  readonly withNudges?: boolean;
}

/**
 * Forward and backward pass of a MobileNetV3-like network in the plainest way: maps `[batch, channels, height, width]`,
 * one standard ONNX operator for each step, nothing fused, folded or rearranged. Slow, and easy to check by reading.
 * Inputs: `images` (NCHW), `targets` `[batch, classes]`, and every trainable weight under its own name.
 */
export function buildNchwGraph(network: Network, batch: number, options: NchwOptions = {}): NchwGraph {
  return new NchwWriter(network, batch, options).write();
}

class NchwWriter {
  private readonly graph = new OnnxGraph({ '': 18 });
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly values = new Map<string, string>();
  private readonly gradients = new Map<string, string>();
  private readonly weightGradients = new Map<string, string>();
  private readonly preActivations = new Map<string, string>();
  private readonly backward: (() => void)[] = [];

  constructor(
    private readonly network: Network,
    private readonly batch: number,
    private readonly options: NchwOptions,
  ) {
    this.shapes = inferShapes(network);
  }

  write(): NchwGraph {
    const { graph, network, batch } = this;
    for (const [name, shape] of weightShapes(network)) {
      if (!name.endsWith('/mean') && !name.endsWith('/variance')) graph.input(name, shape);
    }
    for (const node of network.nodes) this.writeNode(node);
    const logits = this.values.get(network.nodes.at(-1)!.id)!;
    const targets = graph.input('targets', [batch, this.shapes.get(network.nodes.at(-1)!.id)![2]]);
    const logProbabilities = this.op('LogSoftmax', [logits], { axis: { int: 1 } });
    const loss = this.scaled(this.sum(this.mul(targets, logProbabilities), [0, 1]), -1 / batch);
    const difference = this.op('Sub', [this.op('Exp', [logProbabilities]), targets]);
    this.addGradient(network.nodes.at(-1)!.id, this.scaled(difference, 1 / batch));
    for (const rule of this.backward.reverse()) rule();
    graph.output(loss, []);
    for (const gradient of this.weightGradients.values()) graph.output(gradient, []);
    const { weightGradients, preActivations } = this;
    return { model: graph.encode(), loss, gradients: weightGradients, preActivations };
  }

  private writeNode(node: LayerNode): void {
    const [x, other] = node.inputs.map((id) => this.values.get(id)!) as [string, string];
    const give = (value: string) => this.values.set(node.id, value);
    const pass = (index: number, make: (dy: string) => string) =>
      this.backward.push(() => this.addGradient(node.inputs[index]!, make(this.gradients.get(node.id)!)));
    switch (node.op) {
      case 'input': {
        const [height, width, channels] = node.shape;
        return void give(this.graph.input('images', [this.batch, channels, height, width]));
      }
      case 'conv2d':
        return void give(this.convolution(node, x));
      case 'batchNorm':
        return void give(this.batchNorm(node.id, node.epsilon, node.inputs[0]!, x));
      case 'activation':
        this.preActivations.set(node.id, x);
        pass(0, (dy) =>
          this.mul(dy, this.slope(node.activation, this.nudged(node.id, x), this.values.get(node.id)!)),
        );
        return void give(this.activation(node.activation, x));
      case 'add':
        pass(0, (dy) => dy);
        pass(1, (dy) => dy);
        return void give(this.op('Add', [x, other]));
      case 'mul':
        pass(0, (dy) => this.reducedTo(node.inputs[0]!, node.id, this.mul(dy, other)));
        pass(1, (dy) => this.reducedTo(node.inputs[1]!, node.id, this.mul(dy, x)));
        return void give(this.mul(x, other));
      case 'globalAvgPool': {
        const [height, width] = this.shapes.get(node.inputs[0]!)!;
        const ones = this.constant([1, 1, height, width], 1 / (height * width));
        pass(0, (dy) => this.mul(dy, ones));
        return void give(this.op('GlobalAveragePool', [x]));
      }
      case 'dense':
        return void give(this.dense(node.id, node.bias, node.inputs[0]!, x));
      default:
        throw new Error(`a ${node.op} is not part of MobileNetV3`);
    }
  }

  /** z = x ∗ w; dx by the transposed convolution, dw by convolving x with dz, the stride as dilation. */
  private convolution(node: Conv2dNode, x: string): string {
    const [filters, groups] = [node.filters, node.groups];
    const [height, width, channels] = this.shapes.get(node.inputs[0]!)!;
    const { pads, output } = windowGeometry([height, width], node.kernel, node.stride, node.padding);
    const [top, right, bottom, left] = pads;
    const window: Attributes = {
      kernel_shape: { ints: node.kernel },
      strides: { ints: node.stride },
      pads: { ints: [top, left, bottom, right] },
    };
    const w = `${node.id}/kernel`;
    const bias = node.bias ? [`${node.id}/bias`] : [];
    const unread = [
      height + top + bottom - ((output[0] - 1) * node.stride[0] + node.kernel[0]),
      width + left + right - ((output[1] - 1) * node.stride[1] + node.kernel[1]),
    ];
    this.backward.push(() => {
      const dz = this.gradients.get(node.id)!;
      if (node.bias) this.weightGradients.set(`${node.id}/bias`, this.sum(dz, [0, 2, 3]));
      // The batch is what dw sums over. Full: images become channels. Depthwise: each image and channel a group.
      const correlate = (maps: string, kernels: string, number: number) =>
        this.op('Slice', [
          this.op('Conv', [maps, kernels], {
            kernel_shape: { ints: output },
            dilations: { ints: node.stride },
            pads: { ints: [top, left, bottom, right] },
            group: { int: number },
          }),
          this.graph.ints([0, 0]),
          this.graph.ints(node.kernel),
          this.graph.ints([2, 3]),
        ]);
      const swap = { perm: { ints: [1, 0, 2, 3] } };
      if (groups === 1) {
        const taps = correlate(this.op('Transpose', [x], swap), this.op('Transpose', [dz], swap), 1);
        this.weightGradients.set(w, this.op('Transpose', [taps], swap));
      } else {
        const maps = this.batch * channels;
        const one = this.reshape(x, [1, maps, height, width]);
        const taps = correlate(one, this.reshape(dz, [maps, 1, ...output]), maps);
        const perImage = this.reshape(taps, [this.batch, channels, 1, ...node.kernel]);
        this.weightGradients.set(w, this.sum(perImage, [0]));
      }
      if (this.isImages(node.inputs[0]!)) return;
      const dx = this.op('ConvTranspose', [dz, w], {
        ...window,
        group: { int: groups },
        output_padding: { ints: unread },
      });
      this.addGradient(node.inputs[0]!, dx);
    });
    if (groups !== 1 && filters !== channels) throw new Error('expected a full or a depthwise convolution');
    return this.op('Conv', [x, w, ...bias], { ...window, group: { int: groups } });
  }

  /** ẑ = (x − μ)·r, y = γ·ẑ + β; dx = γ·r·(dy − mean(dy) − ẑ·mean(dy·ẑ)). */
  private batchNorm(id: string, epsilon: number, input: string, x: string): string {
    const { graph } = this;
    const [height, width, channels] = this.shapes.get(input)!;
    const pixels = this.batch * height * width;
    // The operator writes its statistics onto these inputs: each node needs its own, with values of its own.
    const own = (value: number) => graph.initializer([channels], new Float32Array(channels).fill(value));
    const count = graph.nodeCount;
    const [y, mean, variance] = graph.nodeWithOutputs(
      'BatchNormalization',
      [x, `${id}/gamma`, `${id}/beta`, own(count), own(count + 0.5)],
      3,
      { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: { int: 1 } },
    ) as [string, string, string];
    this.backward.push(() => {
      const dy = this.gradients.get(id)!;
      const spread = (vector: string) => this.reshape(vector, [1, channels, 1, 1]);
      const root = this.op('Sqrt', [this.op('Add', [variance, graph.scalar(epsilon)])]);
      const r = spread(this.op('Reciprocal', [root]));
      const normalized = this.mul(this.op('Sub', [x, spread(mean)]), r);
      const dBeta = this.sum(dy, [0, 2, 3]);
      const dGamma = this.sum(this.mul(dy, normalized), [0, 2, 3]);
      this.weightGradients.set(`${id}/beta`, dBeta);
      this.weightGradients.set(`${id}/gamma`, dGamma);
      const mean1 = spread(this.scaled(dBeta, 1 / pixels));
      const mean2 = this.mul(normalized, spread(this.scaled(dGamma, 1 / pixels)));
      const centred = this.op('Sub', [this.op('Sub', [dy, mean1]), mean2]);
      this.addGradient(input, this.mul(this.mul(centred, r), spread(`${id}/gamma`)));
    });
    return y;
  }

  private dense(id: string, bias: boolean, input: string, x: string): string {
    const [height, width, channels] = this.shapes.get(input)!;
    if (height * width !== 1) throw new Error('expected a dense layer over pooled maps');
    const rows = this.reshape(x, [this.batch, channels]);
    this.backward.push(() => {
      const dz = this.gradients.get(id)!;
      const transposed = this.op('Transpose', [dz], { perm: { ints: [1, 0] } });
      this.weightGradients.set(`${id}/kernel`, this.op('MatMul', [transposed, rows]));
      if (bias) this.weightGradients.set(`${id}/bias`, this.sum(dz, [0]));
      const dx = this.op('MatMul', [dz, `${id}/kernel`]);
      this.addGradient(input, this.isDense(input) ? dx : this.reshape(dx, [this.batch, channels, 1, 1]));
    });
    const inputs = [rows, `${id}/kernel`, ...(bias ? [`${id}/bias`] : [])];
    return this.op('Gemm', inputs, { transB: { int: 1 } });
  }

  private activation(kind: string, x: string): string {
    const sigmoid = () => this.op('Sigmoid', [x]);
    switch (kind) {
      case 'relu':
        return this.op('Relu', [x]);
      case 'relu6':
        return this.op('Clip', [x, this.graph.scalar(0), this.graph.scalar(6)]);
      case 'hsigmoid':
        return this.hardSigmoid(x);
      case 'hswish':
        return this.mul(x, this.hardSigmoid(x));
      case 'sigmoid':
        return sigmoid();
      case 'swish':
        return this.mul(x, sigmoid());
      default:
        throw new Error(`no rule for ${kind}`);
    }
  }

  private nudged(id: string, x: string): string {
    if (!this.options.withNudges) return x;
    const [height, width, channels] = this.shapes.get(id)!;
    const shape = [this.batch, channels, ...(this.isDense(id) ? [] : [height, width])];
    this.graph.output(x, shape);
    return this.op('Add', [x, this.graph.input(`${id}/nudge`, shape)]);
  }

  /** dy/dx of an activation at x. */
  private slope(kind: string, x: string, y: string): string {
    const inside = (low: number, high: number) =>
      this.op('And', [
        this.op('Greater', [x, this.graph.scalar(low)]),
        this.op('Less', [x, this.graph.scalar(high)]),
      ]);
    const choose = (condition: string, then: string, otherwise: string) =>
      this.op('Where', [condition, then, otherwise]);
    const [zero, one] = [this.graph.scalar(0), this.graph.scalar(1)];
    switch (kind) {
      case 'relu':
        return choose(this.op('Greater', [x, zero]), one, zero);
      case 'relu6':
        return choose(inside(0, 6), one, zero);
      case 'hsigmoid':
        return choose(inside(-3, 3), this.graph.scalar(1 / 6), zero);
      case 'hswish': {
        const middle = this.op('Add', [this.scaled(x, 1 / 3), this.graph.scalar(0.5)]);
        const outside = choose(this.op('Greater', [x, zero]), one, zero);
        return choose(inside(-3, 3), middle, outside);
      }
      case 'sigmoid':
        return this.mul(y, this.op('Sub', [one, y]));
      case 'swish': {
        const s = this.op('Sigmoid', [x]);
        return this.op('Add', [s, this.mul(y, this.op('Sub', [one, s]))]);
      }
      default:
        throw new Error(`no rule for ${kind}`);
    }
  }

  /** The share of a gate: summed over the pixels that it was spread over. */
  private reducedTo(input: string, output: string, gradient: string): string {
    const [height, width] = this.shapes.get(input)!;
    const [outputHeight, outputWidth] = this.shapes.get(output)!;
    if (height === outputHeight && width === outputWidth) return gradient;
    return this.op('ReduceSum', [gradient, this.graph.ints([2, 3])], { keepdims: { int: 1 } });
  }

  private addGradient(id: string, share: string): void {
    const known = this.gradients.get(id);
    this.gradients.set(id, known === undefined ? share : this.op('Add', [known, share]));
  }

  private isImages(id: string): boolean {
    return id === this.network.nodes[0]!.id;
  }

  /** Whether a value is held as `[batch, units]`: what a dense layer makes, and what follows it. */
  private isDense(id: string): boolean {
    const node = this.network.nodes.find((candidate) => candidate.id === id)!;
    if (node.op === 'dense') return true;
    return (node.op === 'activation' || node.op === 'batchNorm') && this.isDense(node.inputs[0]!);
  }

  private op(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.graph.node(type, inputs, attributes);
  }

  private mul(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  private scaled(x: string, factor: number): string {
    return this.mul(x, this.graph.scalar(factor));
  }

  private sum(x: string, axes: readonly number[]): string {
    return this.op('ReduceSum', [x, this.graph.ints(axes)], { keepdims: { int: 0 } });
  }

  private reshape(x: string, shape: readonly number[]): string {
    return this.op('Reshape', [x, this.graph.ints(shape)]);
  }

  private hardSigmoid(x: string): string {
    return this.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  }

  private constant(shape: readonly number[], value: number): string {
    const length = shape.reduce((product, size) => product * size, 1);
    return this.graph.initializer(shape, new Float32Array(length).fill(value));
  }
}
