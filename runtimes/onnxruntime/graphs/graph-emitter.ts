import type { ActivationKind, Padding, Shape } from '../../../core/network/network.js';
import { windowGeometry } from '../../../core/network/window-geometry.js';
import { type Attributes, OnnxGraph } from '../../../formats/onnx/onnx-graph.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { OrtInput, OrtModel } from './ort-model.js';
import { dimsOf, type GraphTensor } from './tensor.js';

export interface ConvWindow {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** Where the values of a result lie. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

const UNIT_RANGE: ValueRange = { low: 0, high: 1 };
const CLAMPED_RANGE: Readonly<Record<'relu' | 'relu6', ValueRange>> = {
  relu: { low: 0, high: 4 },
  relu6: { low: 0, high: 6 },
};

/**
 * Builds one graph to be timed, batch norm already folded. As it stands it computes in float32; subclasses say what
 * becomes of each result ({@link QuantizedEmitter}) or look at it ({@link RangeEmitter}).
 */
export class GraphEmitter {
  readonly graph = new OnnxGraph();
  /** Of layers that feed an op under test: neither may be folded into the other. */
  readonly entryActivation: ActivationKind = 'hswish';
  protected readonly inputs: OrtInput[] = [];

  /** @param weights of the layers to come; may be replaced from op to op */
  constructor(public weights: WeightSource) {}

  /** What an application hands in. */
  image(shape: Shape): GraphTensor {
    return this.settle(this.declare(shape, 'map', 'float32'));
  }

  /** What an earlier layer has made. */
  input(shape: Shape, rank: GraphTensor['rank'] = 'map'): GraphTensor {
    return this.declare(shape, rank, 'float32');
  }

  /** One node that computes new values; its result has the rank of its first input. */
  node(type: string, inputs: readonly GraphTensor[], shape: Shape, options: NodeResult = {}): GraphTensor {
    return this.settle(this.bare(type, inputs, shape, options.attributes), options.range);
  }

  /** One node that selects or moves its input's values. */
  moved(type: string, input: GraphTensor, shape: Shape, attributes: Attributes = {}): GraphTensor {
    return this.settleLike(this.bare(type, [input], shape, attributes), input);
  }

  add(first: GraphTensor, second: GraphTensor, activation: ActivationKind | null): GraphTensor {
    return this.finish(this.bare('Add', [first, second], first.shape), activation);
  }

  conv(
    input: GraphTensor,
    filters: number,
    groups: number,
    window: ConvWindow,
    activation: ActivationKind | null,
  ): GraphTensor {
    const map = this.asMap(input);
    const [kernelHeight, kernelWidth] = window.kernel;
    const groupChannels = map.shape[2] / groups;
    const { output, pads } = windowGeometry(map.shape, window.kernel, window.stride, window.padding);
    const parameters = this.parameters(map, [filters, groupChannels, kernelHeight, kernelWidth]);
    const name = this.graph.node('Conv', [map.name, ...parameters], {
      kernel_shape: { ints: window.kernel },
      strides: { ints: window.stride },
      pads: { ints: onnxPads(pads) },
      group: { int: groups },
    });
    return this.finish({ name, shape: [...output, filters], rank: 'map' }, activation);
  }

  pointwise(input: GraphTensor, filters: number, activation: ActivationKind | null): GraphTensor {
    return this.conv(input, filters, 1, { kernel: [1, 1], stride: [1, 1], padding: 'valid' }, activation);
  }

  dense(input: GraphTensor, units: number, activation: ActivationKind | null): GraphTensor {
    const vector = this.asVector(input);
    const parameters = this.parameters(vector, [units, vector.shape[2]]);
    const name = this.graph.node('Gemm', [vector.name, ...parameters], { transB: { int: 1 } });
    return this.finish({ name, shape: [1, 1, units], rank: 'vector' }, activation);
  }

  /** Applies an activation as nodes of its own; null returns the input itself. */
  activate(input: GraphTensor, activation: ActivationKind | null): GraphTensor {
    const apply = (type: string, options?: NodeResult) => this.node(type, [input], input.shape, options);
    switch (activation) {
      case null:
        return input;
      case 'relu':
      case 'relu6':
        return this.settle(this.clamped(input, activation), CLAMPED_RANGE[activation]);
      case 'hswish':
        return apply('HardSwish');
      case 'hsigmoid':
        return apply('HardSigmoid', {
          attributes: { alpha: { float: 1 / 6 }, beta: { float: 0.5 } },
          range: UNIT_RANGE,
        });
      case 'sigmoid':
        return apply('Sigmoid', { range: UNIT_RANGE });
      case 'swish':
        return this.node('Mul', [input, apply('Sigmoid', { range: UNIT_RANGE })], input.shape);
      case 'softmax':
        return apply('Softmax', { attributes: { axis: { int: 1 } }, range: UNIT_RANGE });
    }
  }

  globalAvgPool(input: GraphTensor): GraphTensor {
    const map = this.asMap(input);
    return this.node('GlobalAveragePool', [map], [1, 1, map.shape[2]]);
  }

  asMap(tensor: GraphTensor): GraphTensor {
    if (tensor.rank === 'map') return tensor;
    const dims = this.graph.ints([1, tensor.shape[2], 1, 1]);
    const name = this.graph.node('Reshape', [tensor.name, dims]);
    return this.settleLike({ ...tensor, name, rank: 'map' }, tensor);
  }

  /** `[1, 1, C]` as `[1, C]`. */
  asVector(tensor: GraphTensor): GraphTensor {
    if (tensor.rank === 'vector') return tensor;
    const name = this.graph.node('Flatten', [tensor.name], { axis: { int: 1 } });
    return this.settleLike({ ...tensor, name, rank: 'vector' }, tensor);
  }

  /** A constant tensor `[channels]`. */
  vector(data: Float32Array): string {
    return this.graph.initializer([data.length], data);
  }

  /** The finished model with `output` as its only output. */
  model(output: GraphTensor): OrtModel {
    const outputDims = dimsOf(output);
    this.graph.output(output.name, outputDims);
    return {
      bytes: this.graph.encode(),
      inputs: this.inputs,
      outputName: output.name,
      outputDims,
    };
  }

  /** What becomes of a result before others read it. */
  protected settle(result: GraphTensor, _range?: ValueRange): GraphTensor {
    return result;
  }

  /** The same for a result with the values of another. */
  protected settleLike(result: GraphTensor, _source: GraphTensor): GraphTensor {
    return result;
  }

  /** Negative values become 0, and with relu6 those above 6 become 6. */
  protected clamped(input: GraphTensor, activation: 'relu' | 'relu6'): GraphTensor {
    if (activation === 'relu') return this.bare('Relu', [input], input.shape);
    const bounds = [this.graph.scalar(0), this.graph.scalar(6)];
    return { ...input, name: this.graph.node('Clip', [input.name, ...bounds]) };
  }

  /** Names of a layer's kernel and bias. */
  protected parameters(_input: GraphTensor, shape: readonly number[]): readonly string[] {
    const kernel = this.graph.initializer(shape, this.weights.kernel(shape));
    return [kernel, this.vector(this.weights.bias(shape[0]!))];
  }

  protected declare(shape: Shape, rank: GraphTensor['rank'], type: OrtInput['type']): GraphTensor {
    const dims = dimsOf({ shape, rank });
    const name = this.graph.input(`x${this.inputs.length}`, dims, type);
    this.inputs.push({ name, dims, type });
    return { name, shape, rank };
  }

  /** A layer with its own activation, as one where the runtime can make it so. */
  private finish(result: GraphTensor, activation: ActivationKind | null): GraphTensor {
    if (activation === 'relu' || activation === 'relu6')
      return this.settle(this.clamped(result, activation), CLAMPED_RANGE[activation]);
    return this.activate(this.settle(result), activation);
  }

  private bare(
    type: string,
    inputs: readonly GraphTensor[],
    shape: Shape,
    attributes: Attributes = {},
  ): GraphTensor {
    const names = inputs.map(({ name }) => name);
    return { name: this.graph.node(type, names, attributes), shape, rank: inputs[0]!.rank };
  }
}

interface NodeResult {
  readonly attributes?: Attributes;
  /** Where the values are known to lie. */
  readonly range?: ValueRange;
}

/** ONNX wants all beginnings first: top, left, bottom, right. */
export function onnxPads([top, right, bottom, left]: readonly [number, number, number, number]): number[] {
  return [top, left, bottom, right];
}
