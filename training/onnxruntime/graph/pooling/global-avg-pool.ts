import { type FeatureMap, pixelsOf } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';

/** Mean over the pixels of each channel and image; dx = dy / pixels everywhere. */
export function globalAvgPool(context: LayerContext, x: FeatureMap): FeatureMap {
  const { ops, tape, batch } = context;
  const pixels = pixelsOf(x);
  if (pixels === 1) return x;
  const sums = ops.sum(ops.reshape(x.tensor, [x.channels, batch, pixels]), [2]);
  const tensor = ops.scaled(sums, x.scale / pixels);
  const output: FeatureMap = { ...x, tensor, height: 1, width: 1, scale: 1 };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    tape.addGradient(x, { kind: 'spread', value: ops.scaled(tape.gradientOf(output), 1 / pixels) });
  });
  return output;
}
