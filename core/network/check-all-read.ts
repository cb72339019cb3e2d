import { invalidNetwork } from './invalid-network.js';
import type { Network } from './network.js';

/**
 * Makes sure that every node reaches the output. In topological order that holds when every node but the last has a
 * reader.
 * @throws LutraError `invalid-network`
 */
export function checkAllRead(network: Network, pointer: string): void {
  const read = new Set(network.nodes.flatMap((node) => node.inputs));
  network.nodes.slice(0, -1).forEach((node, position) => {
    if (read.has(node.id)) return;
    throw invalidNetwork(
      `node '${node.id}': expected a later node that reads it, got none; only the last node is the output`,
      `${pointer}/nodes/${position}`,
    );
  });
}
