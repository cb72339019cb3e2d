import type { FeatureMap } from './feature-map.js';
import type { LayerContext } from './layer-context.js';
import { withUnitScale } from './unit-scale.js';

/** Joins channels: rows below rows. Backward, every input takes its rows of the gradient. */
export function concatLayer(context: LayerContext, inputs: readonly FeatureMap[]): FeatureMap {
  const { ops, tape } = context;
  const parts = inputs.map((input) => withUnitScale(context, input));
  const output: FeatureMap = {
    ...parts[0]!,
    tensor: ops.concat(
      parts.map(({ tensor }) => tensor),
      0,
    ),
    channels: parts.reduce((sum, { channels }) => sum + channels, 0),
    needsGradient: parts.some(({ needsGradient }) => needsGradient),
  };
  tape.onBackward(() => {
    const gradient = tape.gradientOf(output);
    let start = 0;
    for (const part of parts) {
      const end = start + part.channels;
      if (part.needsGradient) {
        tape.addGradient(part, { kind: 'dense', tensor: ops.slice(gradient, 0, start, end) });
      }
      start = end;
    }
  });
  return output;
}
