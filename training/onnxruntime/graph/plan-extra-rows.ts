import type { ExtraRow } from './feature-map.js';
import type { Layer, PointwiseLayer } from './layers.js';
import { foldsBatchNorm } from './pointwise/folds-batch-norm.js';

/**
 * Decides for each layer which extra row its output should be made with, so that no 1×1 convolution has to copy its
 * input to get its row of ones. A residual add needs ones from one side and zeros from the other: the side that
 * another convolution reads too gives the ones. Only a wish: a layer that cannot grant it is copied after all.
 */
export function planExtraRows(layers: readonly Layer[]): ReadonlyMap<string, ExtraRow> {
  const plan = new Map<string, ExtraRow>();
  for (const layer of layers) {
    if (layer.kind === 'pointwise' && foldsBatchNorm(layer as PointwiseLayer))
      plan.set(layer.inputs[0]!, 'ones');
  }
  for (const layer of [...layers].reverse()) {
    const wish = plan.get(layer.output);
    if (layer.kind !== 'single' || layer.node.op !== 'add' || wish === undefined) continue;
    const [first, second] = layer.inputs as [string, string];
    const giver = wish === 'zeros' ? undefined : plan.get(first) === 'ones' ? first : second;
    for (const side of [first, second]) {
      if (!plan.has(side)) plan.set(side, side === giver ? 'ones' : 'zeros');
    }
  }
  return plan;
}
