import type { FeatureMap } from './feature-map.js';
import type { LayerContext } from './layer-context.js';

/** The feature map with scale 1, for layers that mix it with others. */
export function withUnitScale({ ops, tape }: LayerContext, x: FeatureMap): FeatureMap {
  if (x.scale === 1) return x;
  const unit: FeatureMap = { ...x, tensor: ops.scaled(x.tensor, x.scale), scale: 1 };
  if (x.needsGradient) {
    tape.onBackward(() => tape.addGradient(x, { kind: 'dense', tensor: tape.gradientOf(unit) }));
  }
  return unit;
}
