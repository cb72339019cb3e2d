import { checkAllRead } from './check-all-read.js';
import { checkLimits } from './check-limits.js';
import { checkOrder } from './check-order.js';
import { NETWORK_LIMITS } from './limits.js';
import type { Network } from './network.js';
import { parseNode } from './parse-node.js';
import { type Place, readArray, readObject, readString, within } from './read-field.js';
import { inferShapes } from './shapes.js';

/**
 * Reads an untrusted network document. What comes back is a fresh object that satisfies everything {@link Network}
 * promises: known fields only, unique ids, inputs that come earlier, fitting shapes, one input first, one output last
 * that every node reaches, all within {@link NETWORK_LIMITS}.
 * @param pointer where the document stands in what the caller parses, e.g. `/candidate/network`
 * @throws LutraError `invalid-network`, its message naming the node, what was expected and what came
 */
export function parseNetwork(value: unknown, pointer = ''): Network {
  const place: Place = { code: 'invalid-network', pointer, subject: 'network' };
  const fields = readObject(value, place, ['name', 'nodes']);
  const name = readString(fields.name, within(place, 'name'), NETWORK_LIMITS.nameLength);
  const nodesPlace = within(place, 'nodes');
  const nodes = readArray(fields.nodes, nodesPlace, 2, NETWORK_LIMITS.nodes).map((node, i) =>
    parseNode(node, within(nodesPlace, i, `node ${i}`)),
  );
  const network: Network = { name, nodes };
  checkOrder(network, pointer);
  inferShapes(network, pointer);
  checkAllRead(network, pointer);
  checkLimits(network, pointer);
  return network;
}
