import type { Network } from '../core/network/network.js';
import { type FusedOp, fuse } from '../core/ops/fuse.js';
import type { DType } from '../core/ops/op.js';

/** An op of a network in its place. */
export interface NetworkStep {
  readonly fused: FusedOp;
  /** Ids of the nodes whose results it reads, in order: a residual's or product's second operand comes second. */
  readonly inputs: readonly string[];
  /** Id of the node whose result it makes. */
  readonly output: string;
}

/**
 * A network as the ops that are executed one after another. The first node's result is the image.
 * @throws LutraError `invalid-network`
 */
export function networkSteps(network: Network, dtype: DType): readonly NetworkStep[] {
  const inputsOf = new Map(network.nodes.map(({ id, inputs }) => [id, inputs]));
  return fuse(network, dtype).map((fused) => ({
    fused,
    inputs: outerInputs(fused, inputsOf),
    output: fused.nodes.at(-1)!,
  }));
}

/** Ids that the op's nodes read and do not make; a squeeze-excite reads the same one twice. */
function outerInputs(
  { nodes }: FusedOp,
  inputsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const own = new Set(nodes);
  return nodes.flatMap((id) => inputsOf.get(id)!.filter((input) => !own.has(input)));
}
