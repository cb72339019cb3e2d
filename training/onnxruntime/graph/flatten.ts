import { type FeatureMap, pixelsOf } from './feature-map.js';
import type { LayerContext } from './layer-context.js';

/** `[C, batch · pixels]` → `[pixels · C, batch]`, row by row with channels last; the gradient goes the same way back. */
export function flatten(context: LayerContext, x: FeatureMap): FeatureMap {
  const { ops, tape, batch } = context;
  const pixels = pixelsOf(x);
  if (pixels === 1) return x;
  const flat = ops.transpose(ops.reshape(x.tensor, [x.channels, batch, pixels]), [2, 0, 1]);
  const channels = pixels * x.channels;
  const tensor = ops.reshape(flat, [channels, batch]);
  const output: FeatureMap = { ...x, tensor, channels, height: 1, width: 1 };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    const gradient = ops.reshape(tape.gradientOf(output), [pixels, x.channels, batch]);
    const back = ops.reshape(ops.transpose(gradient, [1, 2, 0]), [x.channels, batch * pixels]);
    tape.addGradient(x, { kind: 'dense', tensor: back });
  });
  return output;
}
