import type { ActivationKind, Padding, Shape } from '../../../core/network/network.js';
import { windowGeometry } from '../../../core/network/window-geometry.js';
import { type Attributes, OnnxGraph } from '../../../formats/onnx/onnx-graph.js';
import type { WeightSource } from '../../weights/weight-source.js';
import type { Dims, OrtModel } from './ort-model.js';
import { dimsOf, type GraphTensor } from './tensor.js';

export interface ConvWindow {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** Builds one graph to be timed, batch norm already folded. */
export class GraphEmitter {
  readonly graph = new OnnxGraph();
  private readonly inputs: { readonly name: string; readonly dims: Dims }[] = [];

  /** @param weights of the layers to come; may be replaced from op to op */
  constructor(public weights: WeightSource) {}

  input(shape: Shape, rank: GraphTensor['rank'] = 'map'): GraphTensor {
    const dims = dimsOf({ shape, rank });
    const name = this.graph.input(`x${this.inputs.length}`, dims);
    this.inputs.push({ name, dims });
    return { name, shape, rank };
  }

  /** One node that keeps or changes the shape of a map. */
  node(type: string, inputs: readonly GraphTensor[], shape: Shape, attributes: Attributes = {}): GraphTensor {
    const names = inputs.map(({ name }) => name);
    return { name: this.graph.node(type, names, attributes), shape, rank: inputs[0]!.rank };
  }

  conv(input: GraphTensor, filters: number, groups: number, window: ConvWindow): GraphTensor {
    const map = this.asMap(input);
    const [kernelHeight, kernelWidth] = window.kernel;
    const groupChannels = map.shape[2] / groups;
    const { output, pads } = windowGeometry(map.shape, window.kernel, window.stride, window.padding);
    const kernel = this.kernel([filters, groupChannels, kernelHeight, kernelWidth]);
    const name = this.graph.node('Conv', [map.name, kernel, this.bias(filters)], {
      kernel_shape: { ints: window.kernel },
      strides: { ints: window.stride },
      pads: { ints: onnxPads(pads) },
      group: { int: groups },
    });
    return { name, shape: [...output, filters], rank: 'map' };
  }

  pointwise(input: GraphTensor, filters: number): GraphTensor {
    return this.conv(input, filters, 1, { kernel: [1, 1], stride: [1, 1], padding: 'valid' });
  }

  dense(input: GraphTensor, units: number): GraphTensor {
    const vector = this.asVector(input);
    const inputs = vector.shape[2];
    const kernel = this.kernel([units, inputs]);
    const name = this.graph.node('Gemm', [vector.name, kernel, this.bias(units)], {
      transB: { int: 1 },
    });
    return { name, shape: [1, 1, units], rank: 'vector' };
  }

  /** Applies an activation; null returns the input itself. */
  activate(input: GraphTensor, activation: ActivationKind | null): GraphTensor {
    const apply = (type: string, attributes: Attributes = {}) =>
      this.node(type, [input], input.shape, attributes);
    switch (activation) {
      case null:
        return input;
      case 'relu':
        return apply('Relu');
      case 'relu6': {
        const bounds = [this.graph.scalar(0), this.graph.scalar(6)];
        return { ...input, name: this.graph.node('Clip', [input.name, ...bounds]) };
      }
      case 'hswish':
        return apply('HardSwish');
      case 'hsigmoid':
        return apply('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
      case 'sigmoid':
        return apply('Sigmoid');
      case 'swish':
        return this.node('Mul', [input, apply('Sigmoid')], input.shape);
      case 'softmax':
        return apply('Softmax', { axis: { int: 1 } });
    }
  }

  globalAvgPool(input: GraphTensor): GraphTensor {
    const map = this.asMap(input);
    return this.node('GlobalAveragePool', [map], [1, 1, map.shape[2]]);
  }

  asMap(tensor: GraphTensor): GraphTensor {
    if (tensor.rank === 'map') return tensor;
    const dims = this.graph.ints([1, tensor.shape[2], 1, 1]);
    return { ...tensor, name: this.graph.node('Reshape', [tensor.name, dims]), rank: 'map' };
  }

  /** `[1, 1, C]` as `[1, C]`. */
  asVector(tensor: GraphTensor): GraphTensor {
    if (tensor.rank === 'vector') return tensor;
    return {
      ...tensor,
      name: this.graph.node('Flatten', [tensor.name], { axis: { int: 1 } }),
      rank: 'vector',
    };
  }

  /** A constant tensor `[channels]`. */
  vector(data: Float32Array): string {
    return this.graph.initializer([data.length], data);
  }

  private kernel(shape: readonly number[]): string {
    return this.graph.initializer(shape, this.weights.kernel(shape));
  }

  private bias(length: number): string {
    return this.vector(this.weights.bias(length));
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
}

/** ONNX wants all beginnings first: top, left, bottom, right. */
export function onnxPads([top, right, bottom, left]: readonly [number, number, number, number]): number[] {
  return [top, left, bottom, right];
}
