import type { Network } from '../network/network.js';
import { matchOp } from './match-op.js';
import { NetworkView } from './network-view.js';
import type { DType, Op } from './op.js';
import { encodeOpKey } from './op-key.js';

/** One unit of execution and the nodes that it stands for. */
export interface FusedOp {
  readonly key: string;
  readonly op: Op;
  /** Ids in topological order; the last one's output is the op's. */
  readonly nodes: readonly string[];
}

/**
 * Divides a network into the units that a runtime executes, in an order in which they can run. Every node but the input
 * is in exactly one.
 * @param dtype element type that the device computes in; networks themselves have none
 * @throws LutraError `invalid-network`
 */
export function fuse(network: Network, dtype: DType = 'float32'): readonly FusedOp[] {
  const view = new NetworkView(network, dtype);
  const taken = new Uint8Array(network.nodes.length);
  const ops: FusedOp[] = [];
  for (let position = 1; position < network.nodes.length; position++) {
    if (taken[position] === 1) continue;
    const { op, members } = matchOp(view, position);
    for (const member of members) taken[member] = 1;
    ops.push({ key: encodeOpKey(op), op, nodes: members.map((member) => network.nodes[member]!.id) });
  }
  return ops;
}
