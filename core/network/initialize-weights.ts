import { gaussian, type Rng } from '../random.js';
import type { LayerNode, Network } from './network.js';
import { weightShapes } from './weight-shapes.js';
import type { Weights, WeightTensor } from './weights.js';

/**
 * Fresh weights: kernels from N(0, gain / fan-in), gamma and variance 1, the rest 0. The gain is 2 (He et al. 2015,
 * eq. 10), and 1 for kernels that no rectifier follows: the last layer and squeeze-excite gates.
 * @param rng drawn from twice for each kernel element, in the order of the nodes: equal seeds give equal weights
 * @throws LutraError `invalid-network`
 * @see https://arxiv.org/abs/1502.01852
 */
export function initializeWeights(network: Network, rng: Rng): Weights {
  const unitGain = nodesOfUnitGain(network);
  const weights = new Map<string, WeightTensor>();
  for (const [name, shape] of weightShapes(network)) {
    const slash = name.lastIndexOf('/');
    const role = name.slice(slash + 1);
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (role === 'kernel') {
      const fanIn = data.length / shape[0]!;
      const deviation = Math.sqrt((unitGain.has(name.slice(0, slash)) ? 1 : 2) / fanIn);
      for (let i = 0; i < data.length; i++) data[i] = gaussian(rng) * deviation;
    } else if (role === 'gamma' || role === 'variance') {
      data.fill(1);
    }
    weights.set(name, { shape, data });
  }
  return weights;
}

/** Ids of nodes whose result reaches a gate or the output without a rectifier between. */
function nodesOfUnitGain(network: Network): ReadonlySet<string> {
  const found = new Set<string>([network.nodes.at(-1)!.id]);
  for (const node of [...network.nodes].reverse()) {
    if (isGate(node)) found.add(node.inputs[0]!);
    if (found.has(node.id) && passesThrough(node)) found.add(node.inputs[0]!);
  }
  return found;
}

function isGate(node: LayerNode): boolean {
  return node.op === 'activation' && ['sigmoid', 'hsigmoid', 'softmax'].includes(node.activation);
}

function passesThrough(node: LayerNode): boolean {
  return node.op === 'batchNorm' || node.op === 'flatten';
}
