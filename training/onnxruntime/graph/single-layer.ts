import { LutraError } from '../../../core/errors.js';
import type { PoolNode } from '../../../core/network/network.js';
import { type WindowGeometry, windowGeometry } from '../../../core/network/window-geometry.js';
import { activationLayer } from './activations/activation-layer.js';
import { activationRule } from './activations/activation-rules.js';
import { addLayer } from './add.js';
import { batchNormLayer } from './batch-norm-layer.js';
import { concatLayer } from './concat.js';
import type { FeatureMap } from './feature-map.js';
import { flatten } from './flatten.js';
import type { LayerContext } from './layer-context.js';
import type { SingleLayer } from './layers.js';
import { mulLayer } from './mul.js';
import { avgPool } from './pooling/avg-pool.js';
import { globalAvgPool } from './pooling/global-avg-pool.js';
import { maxPool } from './pooling/max-pool.js';

/** Writes a node that is a layer of its own. */
export function singleLayer(
  context: LayerContext,
  { node, activation }: SingleLayer,
  inputs: readonly FeatureMap[],
): FeatureMap {
  const [first, second] = inputs as [FeatureMap, FeatureMap];
  switch (node.op) {
    case 'input':
      throw new LutraError('internal', `node '${node.id}': the input is no layer`);
    case 'batchNorm':
      return batchNormLayer(context, node, activationRule(activation, node.id), first);
    case 'activation':
      return activationLayer(context, first, activationRule(node.activation, node.id));
    case 'add':
      return addLayer(context, first, second);
    case 'mul':
      return mulLayer(context, first, second);
    case 'concat':
      return concatLayer(context, inputs);
    case 'globalAvgPool':
      return globalAvgPool(context, first);
    case 'flatten':
      return flatten(context, first);
    case 'avgPool':
      return avgPool(context, node, poolGeometry(node, first), first);
    case 'maxPool':
      return maxPool(context, node, poolGeometry(node, first), first);
  }
}

function poolGeometry(node: PoolNode, x: FeatureMap): WindowGeometry {
  const geometry = windowGeometry([x.height, x.width], node.kernel, node.stride, node.padding);
  const [top, right, bottom, left] = geometry.pads;
  if (Math.max(top, bottom) < node.kernel[0] && Math.max(left, right) < node.kernel[1]) return geometry;
  throw new LutraError(
    'unsupported-op',
    `node '${node.id}': expected padding less than the window of ${node.kernel.join('x')}, got ${geometry.pads}`,
  );
}
