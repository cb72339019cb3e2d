import type { ActivationRule } from '../activations/activation-rule.js';
import { epilogue, productScale, timesFactor } from '../epilogue.js';
import { type FeatureMap, pixelsOf } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer } from '../layers.js';

/**
 * 1×1 convolution or dense layer whose batch norm is not folded: Z = W·X + b, then batch norm on its own where there is
 * one, then the activation. With dZ = f·D, f for each row:
 *
 *     dW = f·(D·Xᵀ)      db = f·Σ D      dX = (f·W)ᵀ·D
 */
export function plainPointwise(
  context: LayerContext,
  layer: PointwiseLayer,
  x: FeatureMap,
  rule: ActivationRule,
): FeatureMap {
  const { ops, tape, parameters, batch } = context;
  const { node } = layer;
  const outputs = layer.shape[2];
  const outputScale = productScale(layer, rule);

  const w = parameters.matrix(`${node.id}/kernel`);
  const scaledW = ops.scaled(w, x.scale / outputScale);
  const z = node.bias
    ? ops.gemm(scaledW, x.tensor, ops.scaled(parameters.matrix(`${node.id}/bias`), 1 / outputScale))
    : ops.matMul(scaledW, x.tensor);
  const { tensor, scale, backward } = epilogue(context, layer, rule, z, batch * pixelsOf(x));
  const output: FeatureMap = { ...x, tensor, scale, channels: outputs, needsGradient: true };

  tape.onBackward(() => {
    const dz = backward(tape.gradientOf(output));
    const products = ops.matMul(dz.rows, x.tensor, { transposeB: true, factor: x.scale });
    parameters.setGradient(`${node.id}/kernel`, timesFactor(ops, products, dz));
    if (node.bias) {
      const sums = ops.sum(dz.rows, [1], true);
      parameters.setGradient(`${node.id}/bias`, timesFactor(ops, sums, dz));
    }
    if (!x.needsGradient) return;
    const dX = ops.matMul(timesFactor(ops, w, dz), dz.rows, { transposeA: true });
    tape.addGradient(x, { kind: 'dense', tensor: dX });
  });
  return output;
}
