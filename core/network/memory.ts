import type { LayerNode, Network, Shape } from './network.js';
import { inferShapes } from './shapes.js';

/**
 * The most bytes of feature maps that are alive at once when nodes run in their order. A map dies after its last
 * reader. Element-wise nodes and `flatten` write over an input of the same size that dies with them, as inference
 * engines do; weights and scratch memory are not counted.
 * @param bytesPerElement 4 for float32, 1 for int8
 * @throws LutraError `invalid-network`
 */
export function peakActivationBytes(network: Network, bytesPerElement = 4): number {
  return Math.max(0, ...liveElements(network)) * bytesPerElement;
}

/**
 * Elements of the feature maps that are alive while each node runs, in the nodes' order.
 * @throws LutraError `invalid-network`
 */
export function liveElements(network: Network): readonly number[] {
  const shapes = inferShapes(network);
  const lastReader = lastReaders(network);
  let live = 0;
  return network.nodes.map((node, position) => {
    const output = elements(shapes.get(node.id)!);
    const dying = [...new Set(node.inputs)]
      .filter((id) => lastReader.get(id) === position)
      .map((id) => elements(shapes.get(id)!));
    const inPlace = worksInPlace(node) && dying.includes(output);
    const duringNode = live + (inPlace ? 0 : output);
    live += output - dying.reduce((sum, freed) => sum + freed, 0);
    return duringNode;
  });
}

function lastReaders(network: Network): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  network.nodes.forEach((node, position) => {
    for (const id of node.inputs) last.set(id, position);
  });
  return last;
}

function worksInPlace(node: LayerNode): boolean {
  return ['batchNorm', 'activation', 'add', 'mul', 'flatten'].includes(node.op);
}

function elements(shape: Shape): number {
  return shape[0] * shape[1] * shape[2];
}
