import type { Network } from '../../../core/network/network.js';
import type { FusedOp } from '../../../core/ops/fuse.js';
import { imageShape } from '../../image-shape.js';
import { networkSteps } from '../../network-steps.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { emitOp } from './emit-op.js';
import { GraphEmitter } from './graph-emitter.js';
import type { OrtModel } from './ort-model.js';
import type { GraphTensor } from './tensor.js';

/** A whole network with batch norm folded, op by op as `core/ops` divides it. */
export function buildNetworkGraph(network: Network, weightsOf: (fused: FusedOp) => WeightSource): OrtModel {
  const steps = networkSteps(network, 'float32');
  const emitter = new GraphEmitter(weightsOf(steps[0]!.fused));
  const tensors = new Map<string, GraphTensor>();
  let output = emitter.input(imageShape(network));
  tensors.set(network.nodes[0]!.id, output);
  for (const { fused, inputs, output: id } of steps) {
    emitter.weights = weightsOf(fused);
    output = emitOp(
      emitter,
      fused.op,
      inputs.map((input) => tensors.get(input)!),
    );
    tensors.set(id, output);
  }
  return emitter.model(output);
}
