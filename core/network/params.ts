import type { Network } from './network.js';
import { weightShapes } from './weight-shapes.js';

/**
 * Trainable parameters: kernels, biases, batch norm scale and shift. Running statistics are not counted.
 * @throws LutraError `invalid-network`
 */
export function countParams(network: Network): number {
  let params = 0;
  for (const [name, shape] of weightShapes(network)) {
    if (name.endsWith('/mean') || name.endsWith('/variance')) continue;
    params += shape.reduce((product, size) => product * size, 1);
  }
  return params;
}
