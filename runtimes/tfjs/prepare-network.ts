import type { Network } from '../../core/network/network.js';
import type { FusedOp } from '../../core/ops/fuse.js';
import { type NetworkStep, networkSteps } from '../network-steps.js';
import type { WeightSource } from '../weights/weight-source.js';
import { type CallStyle, type PreparedOp, prepareOp } from './prepare-op.js';
import type { Tensor, Tfjs } from './tfjs-core.js';

interface PreparedStep {
  readonly op: PreparedOp;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Results that no later op reads. */
  readonly lastRead: readonly string[];
}

/**
 * A whole network as one op: its ops one after another, each result disposed of once nobody reads it any more.
 * @throws LutraError `unsupported-op`, `invalid-network`
 */
export function prepareNetwork(
  tf: Tfjs,
  network: Network,
  weightsOf: (fused: FusedOp) => WeightSource,
  style: CallStyle,
): PreparedOp {
  const image = network.nodes[0]!.id;
  const lastReader = new Map<string, NetworkStep>();
  const steps = networkSteps(network, 'float32');
  for (const step of steps) for (const id of step.inputs) lastReader.set(id, step);
  const prepared = steps.map((step): PreparedStep => {
    const { fused, inputs, output } = step;
    const op = prepareOp(tf, fused.op, weightsOf(fused), style);
    const lastRead = [...new Set(inputs)].filter((id) => id !== image && lastReader.get(id) === step);
    return { op, inputs, output, lastRead };
  });
  const result = steps.at(-1)!.output;
  return {
    call: ([input]) => runNetwork(prepared, new Map([[image, input!]]), result),
    dispose: () => {
      for (const { op } of prepared) op.dispose();
    },
  };
}

function runNetwork(steps: readonly PreparedStep[], tensors: Map<string, Tensor>, result: string): Tensor {
  for (const { op, inputs, output, lastRead } of steps) {
    const read = inputs.map((id) => tensors.get(id)!);
    tensors.set(output, op.call(read));
    for (const id of lastRead) tensors.get(id)!.dispose();
  }
  return tensors.get(result)!;
}
