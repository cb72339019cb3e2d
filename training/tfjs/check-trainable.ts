import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { checkPool } from './layers/pooling.js';

/**
 * Makes sure that the engine can run a network and that it answers with one score for each class.
 * @throws LutraError `unsupported-op` with a pointer to the node, `invalid-network`
 */
export function checkTrainable(network: Network): void {
  network.nodes.forEach((node, i) => {
    if (node.op === 'avgPool' || node.op === 'maxPool') checkPool(node, `/nodes/${i}`);
  });
  const last = network.nodes.at(-1)!;
  const [height, width, classes] = inferShapes(network).get(last.id)!;
  if (height === 1 && width === 1) return;
  throw new LutraError(
    'unsupported-op',
    `node '${last.id}': a classifier ends with 1x1 per class, this one with ${height}x${width}x${classes}`,
    { pointer: `/nodes/${network.nodes.length - 1}` },
  );
}
