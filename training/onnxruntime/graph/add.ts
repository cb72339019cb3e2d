import type { FeatureMap } from './feature-map.js';
import type { LayerContext } from './layer-context.js';
import { withUnitScale } from './unit-scale.js';

/** Residual add: y = a + b, da = db = dy. */
export function addLayer(context: LayerContext, first: FeatureMap, second: FeatureMap): FeatureMap {
  const { ops, tape } = context;
  const [a, b] = [withUnitScale(context, first), withUnitScale(context, second)];
  const needsGradient = a.needsGradient || b.needsGradient;
  const output: FeatureMap = { ...a, tensor: ops.add(a.tensor, b.tensor), needsGradient };
  tape.onBackward(() => {
    const tensor = tape.gradientOf(output);
    for (const side of [a, b]) if (side.needsGradient) tape.addGradient(side, { kind: 'dense', tensor });
  });
  return output;
}
