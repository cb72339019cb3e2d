import type { LayerNode, Network, Shape } from './network.js';
import { inferShapes } from './shapes.js';

/**
 * Multiply-accumulates of one inference: convolutions and dense layers, squeeze-excite included; biases, batch norm,
 * activations and pooling are not counted.
 * @throws LutraError `invalid-network`
 */
export function countMacs(network: Network): number {
  const shapes = inferShapes(network);
  return network.nodes.reduce((sum, node) => sum + nodeMacs(node, shapes), 0);
}

/**
 * Multiply-accumulates of every node, by id; 0 for nodes without a kernel.
 * @throws LutraError `invalid-network`
 */
export function macsByNode(network: Network): ReadonlyMap<string, number> {
  const shapes = inferShapes(network);
  return new Map(network.nodes.map((node) => [node.id, nodeMacs(node, shapes)]));
}

function nodeMacs(node: LayerNode, shapes: ReadonlyMap<string, Shape>): number {
  if (node.op !== 'conv2d' && node.op !== 'dense') return 0;
  const inputChannels = shapes.get(node.inputs[0]!)![2];
  if (node.op === 'dense') return inputChannels * node.units;
  const [height, width, filters] = shapes.get(node.id)!;
  return height * width * filters * node.kernel[0] * node.kernel[1] * (inputChannels / node.groups);
}
