import type { Network } from '../../../core/network/network.js';
import { type FusedOp, fuse } from '../../../core/ops/fuse.js';
import type { OrtModel } from '../binding/ort-session.js';
import { emitOp } from './emit-op.js';
import { GraphEmitter } from './graph-emitter.js';
import type { GraphTensor } from './tensor.js';

/** A whole network with batch norm folded and random weights, op by op as `core/ops` divides it. */
export function buildNetworkGraph(network: Network): OrtModel {
  const emitter = new GraphEmitter();
  const tensors = new Map<string, GraphTensor>();
  const [inputNode] = network.nodes;
  if (inputNode?.op !== 'input') throw new TypeError('the first node of a network is its input');
  tensors.set(inputNode.id, emitter.input(inputNode.shape));
  const inputsOf = new Map(network.nodes.map(({ id, inputs }) => [id, inputs]));
  let output = tensors.get(inputNode.id)!;
  for (const fused of fuse(network)) {
    const inputs = outerInputs(fused, inputsOf).map((id) => tensors.get(id)!);
    output = emitOp(emitter, fused.op, inputs);
    tensors.set(fused.nodes.at(-1)!, output);
  }
  return emitter.model(output);
}

/** Ids that the op's nodes read and do not make, in order; a squeeze-excite reads the same one twice. */
function outerInputs(
  { nodes }: FusedOp,
  inputsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const own = new Set(nodes);
  return nodes.flatMap((id) => inputsOf.get(id)!.filter((input) => !own.has(input)));
}
