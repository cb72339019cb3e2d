import type { Network } from './network.js';

/**
 * A network under the ids of another that differs from it in widths at most. The hash of an architecture ignores ids, and the
 * database holds the first document of each: weights are named after the ids of whoever trained them.
 * @param other as many nodes, in the same order
 */
export function withIdsOf(network: Network, other: Network): Network {
  const idOf = new Map(network.nodes.map(({ id }, position) => [id, other.nodes[position]!.id]));
  const nodes = network.nodes.map((node) => ({
    ...node,
    id: idOf.get(node.id)!,
    inputs: node.inputs.map((input) => idOf.get(input)!),
  }));
  return { ...network, nodes };
}
