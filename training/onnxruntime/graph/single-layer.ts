import { LutraError } from '../../../core/errors.js';
import { windowGeometry } from '../../../core/network/window-geometry.js';
import { activationLayer } from './activations/activation-layer.js';
import { activationRule } from './activations/activation-rules.js';
import { addLayer } from './add.js';
import { batchNormLayer } from './batch-norm-layer.js';
import { concatLayer } from './concat.js';
import { withoutExtraRow } from './extra-row.js';
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
      return activationLayer(
        context,
        withoutExtraRow(context, first),
        activationRule(node.activation, node.id),
      );
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
    case 'maxPool': {
      const extent = [first.height, first.width] as const;
      const geometry = windowGeometry(extent, node.kernel, node.stride, node.padding);
      return (node.op === 'avgPool' ? avgPool : maxPool)(context, node, geometry, first);
    }
  }
}
