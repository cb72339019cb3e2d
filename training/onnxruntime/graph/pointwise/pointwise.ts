import { activationRule } from '../activations/activation-rules.js';
import { withOnesRow, withoutExtraRow } from '../extra-row.js';
import type { ExtraRow, FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer } from '../layers.js';
import { foldedPointwise } from './folded-pointwise.js';
import { foldsBatchNorm } from './folds-batch-norm.js';
import { plainPointwise } from './plain-pointwise.js';

/** A layer that is one matrix product, by the cheaper of two ways. */
export function pointwise(
  context: LayerContext,
  layer: PointwiseLayer,
  x: FeatureMap,
  wish: ExtraRow,
): FeatureMap {
  const rule = activationRule(layer.activation, layer.output);
  return foldsBatchNorm(layer)
    ? foldedPointwise(context, layer, withOnesRow(context, x), rule, wish)
    : plainPointwise(context, layer, withoutExtraRow(context, x), rule, wish);
}
