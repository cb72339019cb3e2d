import type { Network } from '../../../core/network/network.js';
import type { FusedOp } from '../../../core/ops/fuse.js';
import type { DType } from '../../../core/ops/op.js';
import { imageShape } from '../../image-shape.js';
import { networkSteps } from '../../network-steps.js';
import { RandomWeights } from '../../weights/random-weights.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { emitOp } from './emit-op.js';
import { emitterFor } from './emitter-for.js';
import type { GraphEmitter } from './graph-emitter.js';
import type { OrtModel } from './ort-model.js';
import type { GraphTensor } from './tensor.js';

/** A whole network with random weights, to be timed. */
export function buildNetworkGraph(network: Network, dtype: DType): OrtModel {
  const emitter = emitterFor(dtype, new RandomWeights());
  return emitter.model(emitNetwork(emitter, network, () => emitter.weights));
}

/**
 * Adds a network op by op, as `core/ops` divides it.
 * @returns its output
 */
export function emitNetwork(
  emitter: GraphEmitter,
  network: Network,
  weightsOf: (fused: FusedOp) => WeightSource,
): GraphTensor {
  const tensors = new Map<string, GraphTensor>();
  let result = emitter.image(imageShape(network));
  tensors.set(network.nodes[0]!.id, result);
  for (const { fused, inputs, output } of networkSteps(network, 'float32')) {
    emitter.weights = weightsOf(fused);
    result = emitOp(
      emitter,
      fused.op,
      inputs.map((input) => tensors.get(input)!),
    );
    tensors.set(output, result);
  }
  return result;
}
