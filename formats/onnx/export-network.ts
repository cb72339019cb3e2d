import { LutraError } from '../../core/errors.js';
import type {
  ActivationKind,
  BatchNormNode,
  LayerNode,
  Network,
  PoolNode,
} from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { windowGeometry } from '../../core/network/window-geometry.js';
import { batchNormsToFold, type ScaledNode, weightsOf } from './fold-batch-norm.js';
import { type Attributes, OnnxGraph } from './onnx-graph.js';

export interface ExportOptions {
  /** `folded` (default): joined with the convolution or dense layer before it. `separate`: a node of its own. */
  readonly batchNorm?: 'folded' | 'separate';
}

/** A node's result: `[batch, channels, height, width]`, or `[batch, channels]`. */
interface Value {
  readonly name: string;
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly rank: 2 | 4;
}

/**
 * A network with its weights as an ONNX model of standard operators (opset 18): input `input`
 * `[batch, channels, height, width]`, output `logits` `[batch, classes]`, float32. A final softmax is left out.
 * @throws LutraError `missing-weights` when the weights do not fit, `unsupported-op` when the network does not end in
 * one value for each class
 */
export function buildInferenceModel(
  network: Network,
  weights: Weights,
  batch: number,
  { batchNorm = 'folded' }: ExportOptions = {},
): Uint8Array {
  checkWeights(network, weights);
  return new NetworkExporter(network, weights, batch, batchNorm === 'folded').export();
}

class NetworkExporter {
  private readonly graph = new OnnxGraph({ '': 18 });
  private readonly values = new Map<string, Value>();
  /** Batch norms that become part of the node before them, by that node's id. */
  private readonly folded: ReadonlyMap<string, BatchNormNode>;

  constructor(
    private readonly network: Network,
    private readonly weights: Weights,
    private readonly batch: number,
    fold: boolean,
  ) {
    this.folded = fold ? batchNormsToFold(network) : new Map();
  }

  export(): Uint8Array {
    const shapes = inferShapes(this.network);
    for (const node of this.network.nodes) {
      this.values.set(node.id, { ...this.write(node), shape: shapes.get(node.id)! });
    }
    const last = this.network.nodes.at(-1)!;
    const [height, width, classes] = shapes.get(last.id)!;
    if (height !== 1 || width !== 1) {
      throw new LutraError(
        'unsupported-op',
        `node '${last.id}': expected an output of 1x1xclasses, got ${height}x${width}x${classes}`,
      );
    }
    const logits = this.asVector(this.values.get(last.id)!).name;
    const output = this.graph.node('Identity', [logits], {}, { name: 'logits', outputs: ['logits'] });
    this.graph.output(output, [this.batch, classes]);
    return this.graph.encode();
  }

  private write(node: LayerNode): Value {
    const inputs = node.inputs.map((id) => this.values.get(id)!);
    const [first, second] = inputs as [Value, Value];
    switch (node.op) {
      case 'input': {
        const [height, width, channels] = node.shape;
        const name = this.graph.input('input', [this.batch, channels, height, width]);
        return { name, shape: node.shape, rank: 4 };
      }
      case 'conv2d':
        return this.conv(node, this.asMap(first));
      case 'dense':
        return this.dense(node, this.asVector(first));
      case 'batchNorm':
        return this.isFolded(node) ? first : this.batchNorm(node, first);
      case 'activation':
        return this.activation(node.id, node.activation, first);
      case 'add':
      case 'mul':
        return this.elementwise(node.op === 'add' ? 'Add' : 'Mul', node.id, first, second);
      case 'concat':
        return this.node(
          'Concat',
          node.id,
          inputs.map((input) => this.asMap(input)),
          { axis: { int: 1 } },
        );
      case 'globalAvgPool':
        return this.node('GlobalAveragePool', node.id, [this.asMap(first)]);
      case 'avgPool':
      case 'maxPool':
        return this.pool(node, this.asMap(first));
      case 'flatten':
        return this.flatten(node.id, first);
    }
  }

  private conv(node: Extract<LayerNode, { op: 'conv2d' }>, x: Value): Value {
    const { kernel, stride, groups } = node;
    const [top, right, bottom, left] = windowGeometry(x.shape, kernel, stride, node.padding).pads;
    return this.node('Conv', node.id, [x, ...this.kernelAndBias(node)], {
      kernel_shape: { ints: kernel },
      strides: { ints: stride },
      pads: { ints: [top, left, bottom, right] },
      group: { int: groups },
    });
  }

  private dense(node: Extract<LayerNode, { op: 'dense' }>, x: Value): Value {
    return this.node('Gemm', node.id, [x, ...this.kernelAndBias(node)], { transB: { int: 1 } });
  }

  /** The layer's constants, its batch norm multiplied in. */
  private kernelAndBias(node: ScaledNode): Value[] {
    const { kernel, bias } = weightsOf(node, this.folded.get(node.id), this.weights);
    return [kernel, ...(bias === undefined ? [] : [bias])].map((tensor) => this.constant(tensor));
  }

  private constant({
    shape,
    data,
  }: {
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }): Value {
    return { name: this.graph.initializer(shape, data), shape: [1, 1, 1], rank: 4 };
  }

  private isFolded(node: BatchNormNode): boolean {
    return this.folded.get(node.inputs[0]!) === node;
  }

  private batchNorm(node: BatchNormNode, x: Value): Value {
    const parameters = ['gamma', 'beta', 'mean', 'variance'].map((role) =>
      this.constant(this.weights.get(`${node.id}/${role}`)!),
    );
    return this.node('BatchNormalization', node.id, [x, ...parameters], { epsilon: { float: node.epsilon } });
  }

  private activation(id: string, kind: ActivationKind, x: Value): Value {
    switch (kind) {
      case 'relu':
        return this.node('Relu', id, [x]);
      case 'relu6': {
        const limits = [0, 6].map((value) => this.graph.scalar(value));
        return { ...x, name: this.graph.node('Clip', [x.name, ...limits], {}, { name: id }) };
      }
      case 'hswish':
        return this.node('HardSwish', id, [x]);
      case 'hsigmoid':
        return this.node('HardSigmoid', id, [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
      case 'sigmoid':
        return this.node('Sigmoid', id, [x]);
      case 'swish':
        return this.node('Mul', id, [x, this.node('Sigmoid', `${id}/sigmoid`, [x])]);
      case 'softmax':
        return id === this.network.nodes.at(-1)!.id ? x : this.node('Softmax', id, [x], { axis: { int: 1 } });
    }
  }

  private elementwise(type: string, id: string, first: Value, second: Value): Value {
    const sides = first.rank === second.rank ? [first, second] : [this.asMap(first), this.asMap(second)];
    return this.node(type, id, sides);
  }

  private pool(node: PoolNode, x: Value): Value {
    const { kernel, stride, padding } = node;
    const [top, right, bottom, left] = windowGeometry(x.shape, kernel, stride, padding).pads;
    return this.node(node.op === 'avgPool' ? 'AveragePool' : 'MaxPool', node.id, [x], {
      kernel_shape: { ints: kernel },
      strides: { ints: stride },
      pads: { ints: [top, left, bottom, right] },
    });
  }

  /** Row by row with channels last, as the weights of the next layer count. */
  private flatten(id: string, x: Value): Value {
    const [height, width, channels] = x.shape;
    if (height * width === 1) return x;
    const turned = this.node('Transpose', `${id}/transpose`, [x], { perm: { ints: [0, 2, 3, 1] } });
    return { ...this.reshape(turned, id, [this.batch, height * width * channels]), rank: 2 };
  }

  private asVector(x: Value): Value {
    if (x.rank === 2) return x;
    return { ...this.reshape(x, undefined, [this.batch, x.shape[2]]), rank: 2 };
  }

  private asMap(x: Value): Value {
    if (x.rank === 4) return x;
    return { ...this.reshape(x, undefined, [this.batch, x.shape[2], 1, 1]), rank: 4 };
  }

  private reshape(x: Value, id: string | undefined, shape: readonly number[]): Value {
    const options = id === undefined ? {} : { name: id };
    return { ...x, name: this.graph.node('Reshape', [x.name, this.graph.ints(shape)], {}, options) };
  }

  /** A node of the first input's rank; its shape is filled in by the caller. */
  private node(type: string, id: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const names = inputs.map(({ name }) => name);
    return { ...inputs[0]!, name: this.graph.node(type, names, attributes, { name: id }) };
  }
}
