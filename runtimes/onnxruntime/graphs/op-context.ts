import type { Shape } from '../../../core/network/network.js';
import type { DType, Op } from '../../../core/ops/op.js';
import { opOutputShape } from '../../../core/ops/op-macs.js';
import { opInputShapes } from '../../op-input-shapes.js';
import { RandomWeights } from '../../weights/random-weights.js';
import { emitOp } from './emit-op.js';
import { emitterFor } from './emitter-for.js';
import type { GraphEmitter } from './graph-emitter.js';
import type { OrtModel } from './ort-model.js';
import type { GraphTensor } from './tensor.js';

/*
 * An op is timed as it stands in a network:
 *
 *   input ─ entry ─ op ─ exit ─ tap
 *
 * Entry and exit are 1×1 convolutions (fully connected layers for vectors) from and to one block of channels, so the
 * op gets its input from a layer, in the runtime's own layout and in cache, and a layer reads its result. The tap takes
 * a single pixel: otherwise copying the whole map out would be timed too. What is not the op is subtracted:
 *
 *   latency(op) = graph(op) − chain(inputs) + ½ base(first input) − Σ ½ base(input apart) − ½ base(output)
 *
 * base(t) is entry, exit and tap around a tensor t; chain(t₁, …) makes all inputs, each from the one after it, and ends
 * at the first: a residual is read again after the layer that its reader's input came from, as in a network. For one
 * input the chain is its base, and the whole is graph − ½ base(input) − ½ base(output). A residual of another extent, that of
 * an output which a stride makes smaller, has an entry of its own, apart from the chain. Along a network the halves
 * cancel, so their split does not matter to sums.
 */

/** Channels at both ends of a measured graph: one block of the widest vector units. */
const END_CHANNELS = 16;

/** An image has up to four channels; it comes from outside, not from a layer. */
const IMAGE_CHANNELS = 4;

/** A tensor between two ops of a network. */
export type Joint = Pick<GraphTensor, 'shape' | 'rank'>;

/** What feeds an op and what reads it. */
export interface OpJoints {
  /** In the op's order, one made from the next; empty when the op reads the network's input. */
  readonly inputs: readonly Joint[];
  /** Those that follow, of another height or width: each has an entry of its own. */
  readonly apart: readonly Joint[];
  readonly output: Joint;
}

export function opJoints(op: Op): OpJoints {
  const shape = opOutputShape(op);
  const vector = op.kind === 'dense' || op.kind === 'flatten' || op.kind === 'globalAvgPool';
  const output: Joint = { shape, rank: vector ? 'vector' : 'map' };
  if (op.kind === 'dense')
    return { inputs: [{ shape: [1, 1, op.inputs], rank: 'vector' }], apart: [], output };
  const readsImage = op.kind === 'conv2d' && !op.residual && op.input[2] <= IMAGE_CHANNELS && op.input[0] > 1;
  const joints = readsImage ? [] : layerInputs(op).map((input): Joint => ({ shape: input, rank: 'map' }));
  const hasExtent = ({ shape: [height, width] }: Joint) =>
    height === joints[0]!.shape[0] && width === joints[0]!.shape[1];
  return { inputs: joints.filter(hasExtent), apart: joints.filter((joint) => !hasExtent(joint)), output };
}

/** The op between the layers around it. */
export function buildOpGraph(op: Op): OrtModel {
  const emitter = emitterFor(op.dtype, new RandomWeights());
  const { inputs, apart } = opJoints(op);
  const tensors = inputs.length > 0 ? enterAll(emitter, inputs) : [emitter.image(imageShape(op))];
  tensors.push(...apart.flatMap((joint) => enterAll(emitter, [joint])));
  if (op.kind === 'mul' && op.spread) tensors.push(emitter.input([1, 1, op.input[2]]));
  return emitter.model(leave(emitter, emitOp(emitter, op, tensors)));
}

/** The layers that make an op's inputs, without the op; for one input its base. */
export function buildChainGraph(inputs: readonly Joint[], dtype: DType): OrtModel {
  const emitter = emitterFor(dtype, new RandomWeights());
  return emitter.model(leave(emitter, enterAll(emitter, inputs)[0]!));
}

/** Makes the inputs of an op, the last one first. */
function enterAll(emitter: GraphEmitter, joints: readonly Joint[]): GraphTensor[] {
  const { shape, rank } = joints[0]!;
  let source = emitter.input([shape[0], shape[1], END_CHANNELS], rank);
  return joints
    .toReversed()
    .map((joint) => {
      source = enter(emitter, source, joint.shape[2]);
      return source;
    })
    .toReversed();
}

function enter(emitter: GraphEmitter, source: GraphTensor, channels: number): GraphTensor {
  const { entryActivation } = emitter;
  return source.rank === 'vector'
    ? emitter.dense(source, channels, entryActivation)
    : emitter.pointwise(source, channels, entryActivation);
}

function leave(emitter: GraphEmitter, tensor: GraphTensor): GraphTensor {
  if (tensor.rank === 'vector') return emitter.dense(tensor, END_CHANNELS, null);
  const exit = emitter.pointwise(tensor, END_CHANNELS, null);
  const [height, width] = exit.shape;
  const tap = { kernel: [1, 1], stride: [height, width], padding: 'valid' } as const;
  return emitter.conv(exit, END_CHANNELS, END_CHANNELS, tap, null);
}

/** Shapes of what other layers make for the op; the gate of a spread product comes from outside. */
function layerInputs(op: Op): readonly Shape[] {
  const shapes = opInputShapes(op);
  return op.kind === 'mul' && op.spread ? shapes.slice(0, 1) : shapes;
}

function imageShape(op: Op): Shape {
  if (op.kind === 'conv2d') return op.input;
  throw new TypeError(`a ${op.kind} does not read an image`);
}
