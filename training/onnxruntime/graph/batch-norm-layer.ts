import type { BatchNormNode } from '../../../core/network/network.js';
import type { ActivationRule } from './activations/activation-rule.js';
import { batchNorm } from './batch-norm.js';
import { type FeatureMap, pixelsOf } from './feature-map.js';
import type { LayerContext } from './layer-context.js';
import { withUnitScale } from './unit-scale.js';

/** Batch norm and activation after something else than a product with weights: dx = factor · rows (./batch-norm.ts). */
export function batchNormLayer(
  context: LayerContext,
  node: BatchNormNode,
  rule: ActivationRule,
  input: FeatureMap,
): FeatureMap {
  const { ops, tape, batch } = context;
  const x = withUnitScale(context, input);
  const { channels } = x;
  const pixels = batch * pixelsOf(x);
  const shape = { channels, pixels, outputScale: rule.inputScale };
  const normalized = batchNorm(context, x.tensor, node, shape);
  const y = rule.apply(ops, normalized.tensor);
  const output: FeatureMap = { ...x, tensor: y.tensor, scale: y.scale, needsGradient: true };
  tape.onBackward(() => {
    const { rows, factor } = normalized.backward(y.backward(tape.gradientOf(output)));
    if (!x.needsGradient) return;
    const tensor = ops.mul(rows, ops.reshape(factor, [channels, 1]));
    tape.addGradient(x, { kind: 'dense', tensor });
  });
  return output;
}
