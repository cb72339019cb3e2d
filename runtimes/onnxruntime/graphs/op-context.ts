import type { Shape } from '../../../core/network/network.js';
import type { Op } from '../../../core/ops/op.js';
import { opOutputShape } from '../../../core/ops/op-macs.js';
import type { OrtModel } from '../binding/ort-session.js';
import { emitOp } from './emit-op.js';
import { GraphEmitter } from './graph-emitter.js';
import type { GraphTensor } from './tensor.js';

/** Channels at both ends of a measured graph: one block of the widest vector units. */
const END_CHANNELS = 16;

/** A tensor between two ops of a network. */
export type Joint = Pick<GraphTensor, 'shape' | 'rank'>;

/** Where an op's tensors stand in a network: what feeds it, and what reads it. */
export interface OpJoints {
  /** Null: fed from the network's input. */
  readonly input: Joint | null;
  readonly output: Joint;
}

/** Images have up to four channels; no inner map is so narrow that it would not be padded to a block. */
const IMAGE_CHANNELS = 4;

export function opJoints(op: Op): OpJoints {
  const shape = opOutputShape(op);
  if (op.kind === 'dense')
    return { input: { shape: [1, 1, op.inputs], rank: 'vector' }, output: { shape, rank: 'vector' } };
  const input = op.kind === 'concat' ? op.inputs[0]! : op.input;
  const fromImage = op.kind === 'conv2d' && input[2] <= IMAGE_CHANNELS && input[0] > 1;
  const rank = op.kind === 'flatten' || op.kind === 'globalAvgPool' ? 'vector' : 'map';
  return { input: fromImage ? null : { shape: input, rank: 'map' }, output: { shape, rank } };
}

/** The op as it stands in a network: between a layer that makes its input and one that reads its output. */
export function buildOpGraph(op: Op): OrtModel {
  const emitter = new GraphEmitter();
  const joints = opJoints(op);
  if (joints.input === null) {
    const image = emitter.input((op as { readonly input: Shape }).input);
    return emitter.model(leave(emitter, emitOp(emitter, op, [image])));
  }
  const start = emitter.input(endShape(joints.input), joints.input.rank);
  const inputs = inputShapes(op).map((shape) => enter(emitter, start, shape));
  return emitter.model(leave(emitter, emitOp(emitter, op, inputs)));
}

/** The layers around an op without the op: one that makes a tensor, one that reads it. */
export function buildBaseGraph(joint: Joint): OrtModel {
  const emitter = new GraphEmitter();
  const start = emitter.input(endShape(joint), joint.rank);
  return emitter.model(leave(emitter, enter(emitter, start, joint.shape)));
}

function endShape({ shape: [height, width] }: Joint): Shape {
  return [height, width, END_CHANNELS];
}

/** A layer of its own for each input: onnxruntime folds a residual add only into a tensor that a layer made. */
function enter(emitter: GraphEmitter, start: GraphTensor, shape: Shape): GraphTensor {
  const made =
    start.rank === 'vector'
      ? emitter.dense(start, shape[2])
      : emitter.conv(start, shape[2], 1, {
          kernel: [1, 1],
          stride: [1, 1],
          padding: 'valid',
        });
  return emitter.activate(made, 'relu');
}

function leave(emitter: GraphEmitter, tensor: GraphTensor): GraphTensor {
  return tensor.rank === 'vector'
    ? emitter.dense(tensor, END_CHANNELS)
    : emitter.pointwise(tensor, END_CHANNELS);
}

function inputShapes(op: Op): readonly Shape[] {
  switch (op.kind) {
    case 'concat':
      return op.inputs;
    case 'conv2d':
    case 'depthwise':
      return op.residual ? [op.input, opOutputShape(op)] : [op.input];
    case 'add':
      return [op.input, op.input];
    case 'dense':
      return [[1, 1, op.inputs]];
    default:
      return [op.input];
  }
}
