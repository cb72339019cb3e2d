import { activationRule } from '../activations/activation-rules.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer } from '../layers.js';
import { withOnesRow } from '../ones-row.js';
import { foldedPointwise } from './folded-pointwise.js';
import { foldsBatchNorm } from './folds-batch-norm.js';
import { plainPointwise } from './plain-pointwise.js';

/** A layer that is one matrix product, by the cheaper of two ways. */
export function pointwise(context: LayerContext, layer: PointwiseLayer, x: FeatureMap): FeatureMap {
  const rule = activationRule(layer.activation, layer.output);
  return foldsBatchNorm(layer)
    ? foldedPointwise(context, layer, x, withOnesRow(context, x), rule)
    : plainPointwise(context, layer, x, rule);
}
