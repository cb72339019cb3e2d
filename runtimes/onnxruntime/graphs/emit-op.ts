import type { Shape } from '../../../core/network/network.js';
import { windowGeometry } from '../../../core/network/window-geometry.js';
import type {
  BatchNormOp,
  ConcatOp,
  Conv2dOp,
  DepthwiseOp,
  FlattenOp,
  Op,
  PoolOp,
  SqueezeExciteOp,
} from '../../../core/ops/op.js';
import { BATCH_NORM_EPSILON } from '../../weights/weight-source.js';
import { type GraphEmitter, onnxPads } from './graph-emitter.js';
import type { GraphTensor } from './tensor.js';

/**
 * Adds an op to a graph: the one place where an op becomes nodes, alone or inside a network, so that what is measured
 * is what runs.
 * @param inputs one tensor; two for a residual, a sum or a product; all parts of a concatenation
 */
export function emitOp(emitter: GraphEmitter, op: Op, inputs: readonly GraphTensor[]): GraphTensor {
  const [first, second] = inputs as [GraphTensor, GraphTensor];
  switch (op.kind) {
    case 'conv2d':
      return emitConv(emitter, op, op.filters, op.groups, inputs);
    case 'depthwise':
      return emitConv(emitter, op, op.input[2], op.input[2], inputs);
    case 'squeezeExcite':
      return emitSqueezeExcite(emitter, op, first);
    case 'globalAvgPool':
      return emitter.globalAvgPool(first);
    case 'avgPool':
    case 'maxPool':
      return emitPool(emitter, op, first);
    case 'dense':
      return emitter.dense(first, op.units, op.activation);
    case 'activation':
      return emitter.activate(first, op.activation);
    case 'add':
      return emitter.add(...sameRank(emitter, first, second), null);
    case 'mul':
      return emitter.node('Mul', sameRank(emitter, first, second), op.input);
    case 'concat':
      return emitConcat(emitter, op, inputs);
    case 'flatten':
      return emitFlatten(emitter, op, first);
    case 'batchNorm':
      return emitBatchNorm(emitter, op, first);
  }
}

function emitConv(
  emitter: GraphEmitter,
  op: Conv2dOp | DepthwiseOp,
  filters: number,
  groups: number,
  [input, side]: readonly GraphTensor[],
): GraphTensor {
  const convolved = emitter.conv(input!, filters, groups, op, op.residual ? null : op.activation);
  return op.residual ? emitter.add(convolved, emitter.asMap(side!), op.activation) : convolved;
}

function emitSqueezeExcite(emitter: GraphEmitter, op: SqueezeExciteOp, input: GraphTensor): GraphTensor {
  const pooled = emitter.globalAvgPool(input);
  const squeezed = emitter.pointwise(pooled, op.squeeze, op.activation);
  const gate = emitter.pointwise(squeezed, op.input[2], op.gate);
  return emitter.node('Mul', [input, gate], input.shape);
}

function emitPool(emitter: GraphEmitter, op: PoolOp, input: GraphTensor): GraphTensor {
  const { output, pads } = windowGeometry(op.input, op.kernel, op.stride, op.padding);
  const shape: Shape = [...output, op.input[2]];
  const attributes = {
    kernel_shape: { ints: op.kernel },
    strides: { ints: op.stride },
    pads: { ints: onnxPads(pads) },
  };
  const map = emitter.asMap(input);
  return op.kind === 'maxPool'
    ? emitter.moved('MaxPool', map, shape, attributes)
    : emitter.node('AveragePool', [map], shape, { attributes });
}

function emitConcat(emitter: GraphEmitter, op: ConcatOp, inputs: readonly GraphTensor[]): GraphTensor {
  const [height, width] = op.inputs[0]!;
  const channels = op.inputs.reduce((sum, shape) => sum + shape[2], 0);
  const maps = inputs.map((input) => emitter.asMap(input));
  return emitter.node('Concat', maps, [height, width, channels], { attributes: { axis: { int: 1 } } });
}

function emitFlatten(emitter: GraphEmitter, op: FlattenOp, input: GraphTensor): GraphTensor {
  const [height, width, channels] = op.input;
  if (height * width === 1) return emitter.asVector(input);
  // Values go row by row with channels last; the runtime keeps channels first.
  const turned = emitter.moved('Transpose', input, [height, width, channels], {
    perm: { ints: [0, 2, 3, 1] },
  });
  return { ...emitter.asVector(turned), shape: [1, 1, height * width * channels] };
}

function emitBatchNorm(emitter: GraphEmitter, op: BatchNormOp, input: GraphTensor): GraphTensor {
  const { gamma, beta, mean, variance } = emitter.weights.batchNorm(op.input[2]);
  const parameters = [gamma, beta, mean, variance].map((data) => emitter.vector(data));
  const sources = [input, ...parameters.map((name): GraphTensor => ({ ...input, name }))];
  const attributes = { epsilon: { float: BATCH_NORM_EPSILON } };
  return emitter.node('BatchNormalization', sources, input.shape, { attributes });
}

function sameRank(
  emitter: GraphEmitter,
  first: GraphTensor,
  second: GraphTensor,
): [GraphTensor, GraphTensor] {
  return first.rank === second.rank ? [first, second] : [emitter.asMap(first), emitter.asMap(second)];
}
