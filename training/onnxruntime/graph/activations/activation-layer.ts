import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { ActivationRule } from './activation-rule.js';

/** An activation on its own, not joined to a product: after an add, or where its input has several readers. */
export function activationLayer(context: LayerContext, x: FeatureMap, rule: ActivationRule): FeatureMap {
  const { ops, tape } = context;
  const y = rule.apply(ops, ops.scaled(x.tensor, x.scale / rule.inputScale));
  const output: FeatureMap = { ...x, tensor: y.tensor, scale: y.scale };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    tape.addGradient(x, { kind: 'dense', tensor: y.backward(tape.gradientOf(output)) });
  });
  return output;
}
