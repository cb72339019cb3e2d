import { LutraError } from '../errors.js';
import type { Network } from './network.js';
import { inferShapes } from './shapes.js';
import type { Weights } from './weights.js';

/**
 * Shapes of all weights, by `<node id>/<role>`, in the order of the nodes ({@link ./weights.ts} has the axes). Running
 * mean and variance of batch norm are included.
 * @throws LutraError `invalid-network`
 */
export function weightShapes(network: Network): ReadonlyMap<string, readonly number[]> {
  const shapes = inferShapes(network);
  const weights = new Map<string, readonly number[]>();
  for (const node of network.nodes) {
    if (node.op !== 'conv2d' && node.op !== 'dense' && node.op !== 'batchNorm') continue;
    const channels = shapes.get(node.inputs[0]!)![2];
    if (node.op === 'batchNorm') {
      for (const role of ['gamma', 'beta', 'mean', 'variance']) weights.set(`${node.id}/${role}`, [channels]);
      continue;
    }
    const outputs = node.op === 'conv2d' ? node.filters : node.units;
    const kernel = node.op === 'conv2d' ? [channels / node.groups, ...node.kernel] : [channels];
    weights.set(`${node.id}/kernel`, [outputs, ...kernel]);
    if (node.bias) weights.set(`${node.id}/bias`, [outputs]);
  }
  return weights;
}

/**
 * Makes sure that weights are complete and of the right shapes. Weights that the network does not use are refused too:
 * they are a sign of a mix-up.
 * @throws LutraError `missing-weights` naming the first tensor that does not fit
 */
export function checkWeights(network: Network, weights: Weights): void {
  const expected = weightShapes(network);
  for (const [name, shape] of expected) {
    const tensor = weights.get(name);
    if (tensor === undefined) throw misfit(name, `expected shape [${shape}], got none`);
    const elements = shape.reduce((product, size) => product * size, 1);
    const sameShape =
      tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
    if (!sameShape) throw misfit(name, `expected shape [${shape}], got [${tensor.shape}]`);
    if (tensor.data.length !== elements) {
      throw misfit(name, `expected ${elements} elements, got ${tensor.data.length}`);
    }
  }
  for (const name of weights.keys()) {
    if (!expected.has(name)) throw misfit(name, 'the network has no such weight');
  }
}

function misfit(name: string, problem: string): LutraError {
  return new LutraError('missing-weights', `weight '${name}': ${problem}`, { details: { weight: name } });
}
