import { invalidNetwork } from './invalid-network.js';
import { NETWORK_LIMITS } from './limits.js';
import { macsByNode } from './macs.js';
import type { LayerNode, Network, Shape } from './network.js';
import { inferShapes } from './shapes.js';
import { weightShapes } from './weight-shapes.js';

/**
 * Holds what follows from a network's attributes within {@link NETWORK_LIMITS}: feature maps, weight tensors,
 * parameters, MACs.
 * @throws LutraError `invalid-network`
 */
export function checkLimits(network: Network, pointer: string): void {
  const shapes = inferShapes(network);
  network.nodes.forEach((node, position) => {
    checkMap(node, shapes.get(node.id)!, `${pointer}/nodes/${position}`);
  });
  checkWeightSizes(network, pointer);
  const macs = [...macsByNode(network).values()].reduce((sum, count) => sum + count, 0);
  if (macs > NETWORK_LIMITS.macs) {
    throw invalidNetwork(
      `network: expected at most ${NETWORK_LIMITS.macs} MACs, got ${macs}`,
      `${pointer}/nodes`,
    );
  }
}

function checkMap(node: LayerNode, shape: Shape, at: string): void {
  const [height, width, channels] = shape;
  const refuse = (expected: string) =>
    invalidNetwork(`node '${node.id}': expected an output of ${expected}, got ${shape.join('x')}`, at);
  if (Math.max(height, width) > NETWORK_LIMITS.spatial) {
    throw refuse(`at most ${NETWORK_LIMITS.spatial} rows and columns`);
  }
  // Behind a flatten, positions count as channels.
  if (node.op === 'concat' && height * width > 1 && channels > NETWORK_LIMITS.channels) {
    throw refuse(`at most ${NETWORK_LIMITS.channels} channels`);
  }
  if (height * width * channels > NETWORK_LIMITS.tensorElements) {
    throw refuse(`at most ${NETWORK_LIMITS.tensorElements} elements`);
  }
}

function checkWeightSizes(network: Network, pointer: string): void {
  const positions = new Map(network.nodes.map((node, position) => [node.id, position]));
  let total = 0;
  for (const [name, shape] of weightShapes(network)) {
    const id = name.slice(0, name.lastIndexOf('/'));
    const elements = shape.reduce((product, size) => product * size, 1);
    total += elements;
    if (elements > NETWORK_LIMITS.tensorElements || total > NETWORK_LIMITS.params) {
      const [limit, what, count] =
        elements > NETWORK_LIMITS.tensorElements
          ? [NETWORK_LIMITS.tensorElements, 'in one weight', elements]
          : [NETWORK_LIMITS.params, 'in all weights so far', total];
      throw invalidNetwork(
        `node '${id}': expected at most ${limit} elements ${what}, got ${count}`,
        `${pointer}/nodes/${positions.get(id)!}`,
      );
    }
  }
}
