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
  const shapes = inferShapes(network);
  const lastReader = lastReaders(network);
  let live = 0;
  let peak = 0;
  network.nodes.forEach((node, position) => {
    const output = elements(shapes.get(node.id)!);
    const dying = [...new Set(node.inputs)]
      .filter((id) => lastReader.get(id) === position)
      .map((id) => elements(shapes.get(id)!));
    const inPlace = worksInPlace(node) && dying.includes(output);
    peak = Math.max(peak, live + (inPlace ? 0 : output));
    live += output - dying.reduce((sum, freed) => sum + freed, 0);
  });
  return peak * bytesPerElement;
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
