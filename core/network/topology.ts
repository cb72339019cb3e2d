import type { Network } from './network.js';

/** Who reads whom, by position in `network.nodes`. */
export interface Topology {
  /** By node: positions of its inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** By node: the position of the only reader of its result; -1 for none, several, or one that reads it twice. */
  readonly soleReader: Int32Array;
}

/** @param network a valid network */
export function topologyOf(network: Network): Topology {
  const positions = new Map<string, number>();
  const readers = new Int32Array(network.nodes.length);
  const soleReader = new Int32Array(network.nodes.length).fill(-1);
  const inputs = network.nodes.map((node, position) => {
    positions.set(node.id, position);
    return node.inputs.map((id) => {
      const source = positions.get(id)!;
      readers[source]!++;
      soleReader[source] = readers[source] === 1 ? position : -1;
      return source;
    });
  });
  return { inputs, soleReader };
}
