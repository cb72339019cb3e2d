import type { ActivationRule } from '../activations/activation-rule.js';
import { epilogue, productScale, timesFactor } from '../epilogue.js';
import { type ExtraRow, type FeatureMap, pixelsOf } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer } from '../layers.js';

/**
 * 1×1 convolution or dense layer whose batch norm is not folded: Z = W·X + b, then batch norm on its own where there is
 * one, then the activation. With dZ = f·D, f for each row:
 *
 *     dW = f·(D·Xᵀ)      db = f·Σ D      dX = (f·W)ᵀ·D
 *
 * @param x without extra row
 * @param wish the extra row that the next layer would like; granted where batch norm can make it
 */
export function plainPointwise(
  context: LayerContext,
  layer: PointwiseLayer,
  x: FeatureMap,
  rule: ActivationRule,
  wish: ExtraRow,
): FeatureMap {
  const { ops, tape, parameters, batch } = context;
  const { node, batchNorm } = layer;
  const outputs = layer.shape[2];
  const extraRow: ExtraRow = batchNorm !== null && !node.bias && rule.keepsConstants ? wish : 'none';
  const outputScale = productScale(layer, rule);

  const kernel = parameters.matrix(`${node.id}/kernel`);
  const w = extraRow === 'none' ? kernel : ops.concat([kernel, ops.filled([1, x.channels], 0)], 0);
  const scaledW = ops.scaled(w, x.scale / outputScale);
  const z = node.bias
    ? ops.gemm(scaledW, x.tensor, ops.scaled(parameters.matrix(`${node.id}/bias`), 1 / outputScale))
    : ops.matMul(scaledW, x.tensor);
  const { tensor, scale, backward } = epilogue(context, layer, rule, z, batch * pixelsOf(x), extraRow);
  const output: FeatureMap = { ...x, tensor, scale, channels: outputs, extraRow, needsGradient: true };

  tape.onBackward(() => {
    const dz = backward(tape.gradientOf(output));
    const products = ops.matMul(dz.rows, x.tensor, { transposeB: true, factor: x.scale });
    const dW = timesFactor(ops, products, dz);
    const kernelRows = extraRow === 'none' ? dW : ops.slice(dW, 0, 0, outputs);
    parameters.setGradient(`${node.id}/kernel`, kernelRows);
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
