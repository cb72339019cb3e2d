import type { Activated, ActivationRule } from '../activations/activation-rule.js';
import { type FeatureMap, pixelsOf } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { PointwiseLayer } from '../layers.js';
import type { TensorOps } from '../tensor-ops.js';

/**
 * 1×1 convolution with its batch norm folded into the product. Mean and variance of Z = W·X follow from X's moments,
 * so Z itself is never made. With X̂ = [X; 1] and P pixels:
 *
 *     S = X·X̂ᵀ / P                       moments of X; the last column is its mean m
 *     M = W·S                             its last column is Z's mean μ
 *     C = [W | −μ]      σ² = diag(M·Cᵀ)      s = √(σ² + ε)      a = γ / s
 *     Ŵ = [a·W | β − a·μ]      U = Ŵ·X̂      Y = activation(U)
 *
 * Backward:
 *
 *     G = dU·X̂ᵀ                          its last column is Σ dU = dβ
 *     dγ = diag(G·Cᵀ) / s      k = dγ / s      d = dβ − μ·k      K = [k·W | d]
 *     dW = a·(G − K·Sᵀ), of G without its last column
 *     dX = (a·W)ᵀ·(dU − (k·W·X + d) / P) = (a·W)ᵀ·dU + Q·X̂,   Q = −(a·W)ᵀ·K / P
 *
 * @param xHat X̂, the tensor of x and a row of ones (../ones-row.ts)
 */
export function foldedPointwise(
  context: LayerContext,
  layer: PointwiseLayer,
  x: FeatureMap,
  xHat: string,
  rule: ActivationRule,
): FeatureMap {
  const { ops, tape, parameters, statistics, batch } = context;
  const batchNorm = layer.batchNorm!;
  const inputs = x.channels;
  const outputs = layer.shape[2];
  const pixels = batch * pixelsOf(x);
  const lastColumn = (matrix: string) => ops.slice(matrix, 1, inputs, inputs + 1);
  const rowProducts = (a: string, b: string) => ops.sum(ops.mul(a, b), [1], true);

  // X's tensor holds values / scale: W takes the factor, and dW and dX give it back.
  const w = ops.scaled(parameters.matrix(`${layer.node.id}/kernel`), x.scale);
  const moments = ops.matMul(x.tensor, xHat, { transposeB: true, factor: 1 / pixels });
  const wMoments = ops.matMul(w, moments);
  const mean = lastColumn(wMoments);
  const centred = ops.concat([w, ops.node('Neg', [mean])], 1);
  const variance = rowProducts(wMoments, centred);
  statistics.set(batchNorm.id, mean, variance);
  const deviation = ops.deviation(variance, batchNorm.epsilon);
  const a = ops.div(parameters.matrix(`${batchNorm.id}/gamma`), deviation);
  const bias = ops.sub(parameters.matrix(`${batchNorm.id}/beta`), ops.mul(mean, a));
  const aW = ops.mul(w, a);
  const folded = ops.concat([aW, bias], 1);

  const y = activatedProduct(ops, ops.scaled(folded, 1 / rule.inputScale), xHat, rule);
  const { tensor, scale } = y;
  const output: FeatureMap = { ...x, tensor, scale, channels: outputs, needsGradient: true };

  tape.onBackward(() => {
    const du = y.backward(tape.gradientOf(output));
    const { g, products, dBeta } = kernelProducts(ops, du, x, xHat);
    const dGamma = ops.div(rowProducts(g, centred), deviation);
    const k = ops.div(dGamma, deviation);
    const kW = ops.concat([ops.mul(w, k), ops.sub(dBeta, ops.mul(mean, k))], 1);
    const dW = ops.mul(a, ops.gemm(kW, moments, products, { transposeB: true, factor: -1 }));
    parameters.setGradient(`${layer.node.id}/kernel`, ops.scaled(dW, x.scale));
    parameters.setGradient(`${batchNorm.id}/gamma`, dGamma);
    parameters.setGradient(`${batchNorm.id}/beta`, dBeta);
    if (!x.needsGradient) return;
    const q = ops.matMul(aW, kW, { transposeA: true, factor: -1 / (pixels * x.scale) });
    const dX = ops.matMul(aW, du, { transposeA: true, factor: 1 / x.scale });
    tape.addGradient(x, { kind: 'dense', tensor: ops.add(dX, ops.matMul(q, xHat)) });
  });
  return output;
}

function activatedProduct(ops: TensorOps, folded: string, x: string, rule: ActivationRule): Activated {
  if (rule.fused === undefined) return rule.apply(ops, ops.matMul(folded, x));
  const product = ops.node('FusedGemm', [folded, x], rule.fused.attributes, 'com.microsoft');
  return rule.fused.fromOutput(ops, product);
}

/**
 * G = dU·X̂ᵀ, whole and in its two parts. The product works on blocks of columns: where the inputs fill them, the column
 * for the row of ones would cost a whole block, and is summed apart.
 */
function kernelProducts(ops: TensorOps, du: string, x: FeatureMap, xHat: string) {
  if (x.channels % 16 !== 0) {
    const g = ops.matMul(du, xHat, { transposeB: true });
    const { channels } = x;
    return {
      g,
      products: ops.slice(g, 1, 0, channels),
      dBeta: ops.slice(g, 1, channels, channels + 1),
    };
  }
  const products = ops.matMul(du, x.tensor, { transposeB: true });
  const dBeta = ops.sum(du, [1], true);
  return { g: ops.concat([products, dBeta], 1), products, dBeta };
}
