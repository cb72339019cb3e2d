import { withoutExtraRow } from '../extra-row.js';
import { type FeatureMap, pixelsOf } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';

/** Mean over the pixels of each channel and image, as a product with a column of 1/pixels; dx = dy / pixels everywhere. */
export function globalAvgPool(context: LayerContext, input: FeatureMap): FeatureMap {
  const { ops, tape, batch } = context;
  const x = withoutExtraRow(context, input);
  const pixels = pixelsOf(x);
  if (pixels === 1) return x;
  const rows = ops.reshape(x.tensor, [x.channels * batch, pixels]);
  const means = ops.matMul(rows, ops.filled([pixels, 1], x.scale / pixels));
  const tensor = ops.reshape(means, [x.channels, batch]);
  const output: FeatureMap = { ...x, tensor, height: 1, width: 1, scale: 1 };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    tape.addGradient(x, { kind: 'spread', value: ops.scaled(tape.gradientOf(output), 1 / pixels) });
  });
  return output;
}
