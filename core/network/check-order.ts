import { invalidNetwork } from './invalid-network.js';
import type { Network } from './network.js';

/**
 * Makes sure that nodes are in topological order: unique ids, exactly one `input` and that first, inputs that come
 * earlier.
 * @throws LutraError `invalid-network`, telling a cycle from a mere forward reference
 */
export function checkOrder(network: Network, pointer: string): void {
  checkIds(network, pointer);
  checkInputNode(network, pointer);
  const positions = new Map(network.nodes.map((node, position) => [node.id, position]));
  network.nodes.forEach((node, position) => {
    node.inputs.forEach((id, index) => {
      const source = positions.get(id);
      if (source !== undefined && source < position) return;
      const at = `${pointer}/nodes/${position}/inputs/${index}`;
      if (source === undefined) {
        throw invalidNetwork(
          `node '${node.id}': expected the id of an earlier node, got '${id}', which is no node`,
          at,
        );
      }
      const cycle = findCycle(network, positions, position);
      if (cycle !== undefined)
        throw invalidNetwork(`node '${node.id}' is part of a cycle: ${cycle.join(' ← ')}`, at);
      throw invalidNetwork(
        `node '${node.id}': expected the id of an earlier node, got '${id}', which comes later (a forward reference); ` +
          'nodes must be in topological order',
        at,
      );
    });
  });
}

function checkIds(network: Network, pointer: string): void {
  const seen = new Map<string, number>();
  network.nodes.forEach(({ id }, position) => {
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      throw invalidNetwork(
        `node ${position}: expected an id of its own, got '${id}', which node ${earlier} has`,
        `${pointer}/nodes/${position}/id`,
      );
    }
    seen.set(id, position);
  });
}

function checkInputNode(network: Network, pointer: string): void {
  network.nodes.forEach(({ id, op }, position) => {
    if ((op === 'input') === (position === 0)) return;
    const expected = position === 0 ? `'input' as the first node` : `only one 'input', the first node`;
    throw invalidNetwork(
      `node '${id}': expected ${expected}, got '${op}'`,
      `${pointer}/nodes/${position}/op`,
    );
  });
}

/** Ids from a node along its inputs back to itself; undefined if there is no such way. */
function findCycle(
  network: Network,
  positions: ReadonlyMap<string, number>,
  start: number,
): readonly string[] | undefined {
  const cameFrom = new Map<number, number>();
  const pending = [start];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const id of network.nodes[current]!.inputs) {
      const source = positions.get(id);
      if (source === undefined || cameFrom.has(source)) continue;
      cameFrom.set(source, current);
      if (source === start) return pathBack(network, cameFrom, start);
      pending.push(source);
    }
  }
  return undefined;
}

function pathBack(network: Network, cameFrom: ReadonlyMap<number, number>, start: number): readonly string[] {
  const path = [network.nodes[start]!.id];
  let current = start;
  do {
    current = cameFrom.get(current)!;
    path.unshift(network.nodes[current]!.id);
  } while (current !== start);
  return path;
}
