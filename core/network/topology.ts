import { invalidNetwork } from './invalid-network.js';
import type { Network } from './network.js';

/** Who reads whom, by position in `network.nodes`. */
export interface Topology {
  /** By node: positions of its inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** By node: the position of the only reader of its result; -1 for none, several, or one that reads it twice. */
  readonly soleReader: Int32Array;
}

const known = new WeakMap<Network, Topology>();

/**
 * Resolves ids to positions. Remembered for each network object.
 * @param pointer where the network stands in what the caller parses
 * @throws LutraError `invalid-network` when an input is missing or comes later
 */
export function topologyOf(network: Network, pointer = ''): Topology {
  const remembered = known.get(network);
  if (remembered !== undefined) return remembered;
  const topology = resolve(network, pointer);
  known.set(network, topology);
  return topology;
}

/**
 * Spares the look-ups for a network whose nodes have the ids and inputs of another's, in the same order: thousands of
 * width variants of one network share one topology.
 */
export function inheritTopology(network: Network, from: Network): void {
  known.set(network, topologyOf(from));
}

function resolve(network: Network, pointer: string): Topology {
  const count = network.nodes.length;
  const positions = new Map<string, number>();
  const readers = new Int32Array(count);
  const soleReader = new Int32Array(count).fill(-1);
  const inputs = network.nodes.map((node, position) => {
    const sources = node.inputs.map((id, index) => {
      const source = positions.get(id);
      if (source === undefined) {
        throw invalidNetwork(
          `node '${node.id}': expected the id of an earlier node, got '${id}'`,
          `${pointer}/nodes/${position}/inputs/${index}`,
        );
      }
      readers[source]!++;
      soleReader[source] = readers[source] === 1 ? position : -1;
      return source;
    });
    positions.set(node.id, position);
    return sources;
  });
  return { inputs, soleReader };
}
