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
 *     μ = W·m      σ² = diag(W·S·Wᵀ) − μ²      r = 1 / √(σ² + ε)      a = γ·r
 *     Ŵ = [a·W | β − a·μ]      U = Ŵ·X̂      Y = activation(U)
 *
 * Backward:
 *
 *     G = dU·X̂ᵀ                          its last column is Σ dU = dβ
 *     dγ = r·(diag(G·Wᵀ) − μ·dβ)      k = r·dγ      d = dβ − μ·k
 *     dW = a·(G − k·W·S − d·mᵀ)
 *     dX = (a·W)ᵀ·(dU − (k·W·X + d) / P) = (a·W)ᵀ·dU + Q·X̂,   Q = −(a·W)ᵀ·[k·W | d] / P
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
  const inputColumns = (matrix: string) => ops.slice(matrix, 1, 0, inputs);
  const lastColumn = (matrix: string) => ops.slice(matrix, 1, inputs, inputs + 1);
  const rowSums = (matrix: string) => ops.sum(matrix, [1], true);

  // X's tensor holds values / scale: W takes the factor, and dW and dX give it back.
  const w = ops.scaled(parameters.matrix(`${layer.node.id}/kernel`), x.scale);
  const moments = ops.matMul(x.tensor, xHat, { transposeB: true, factor: 1 / pixels });
  const wMoments = ops.matMul(w, moments);
  const mean = lastColumn(wMoments);
  const variance = ops.sub(rowSums(ops.mul(inputColumns(wMoments), w)), ops.mul(mean, mean));
  statistics.set(batchNorm.id, mean, variance);
  const inverse = ops.inverseRoot(variance, batchNorm.epsilon);
  const a = ops.mul(parameters.matrix(`${batchNorm.id}/gamma`), inverse);
  const bias = ops.sub(parameters.matrix(`${batchNorm.id}/beta`), ops.mul(mean, a));
  const aW = ops.mul(w, a);
  const folded = ops.concat([aW, bias], 1);

  const y = activatedProduct(ops, ops.scaled(folded, 1 / rule.inputScale), xHat, rule);
  const { tensor, scale } = y;
  const output: FeatureMap = { ...x, tensor, scale, channels: outputs, needsGradient: true };

  tape.onBackward(() => {
    const du = y.backward(tape.gradientOf(output));
    const g = withBias(ops, du, x, xHat);
    const dBeta = lastColumn(g);
    const dot = rowSums(ops.mul(inputColumns(g), w));
    const dGamma = ops.mul(inverse, ops.sub(dot, ops.mul(mean, dBeta)));
    const k = ops.mul(inverse, dGamma);
    const rest = ops.sub(g, ops.mul(wMoments, k));
    const d = lastColumn(rest);
    const meanRow = ops.reshape(lastColumn(moments), [1, inputs]);
    const dW = ops.mul(a, ops.sub(inputColumns(rest), ops.mul(d, meanRow)));
    parameters.setGradient(`${layer.node.id}/kernel`, ops.scaled(dW, x.scale));
    parameters.setGradient(`${batchNorm.id}/gamma`, dGamma);
    parameters.setGradient(`${batchNorm.id}/beta`, dBeta);
    if (!x.needsGradient) return;
    const kW = ops.concat([ops.mul(w, k), d], 1);
    const q = ops.matMul(aW, kW, { transposeA: true, factor: -1 / pixels });
    const dX = ops.gemm(aW, du, ops.matMul(q, xHat), { transposeA: true, factor: 1 / x.scale });
    tape.addGradient(x, { kind: 'dense', tensor: dX });
  });
  return output;
}

function activatedProduct(ops: TensorOps, folded: string, x: string, rule: ActivationRule): Activated {
  if (rule.fused === undefined) return rule.apply(ops, ops.matMul(folded, x));
  const product = ops.node('FusedGemm', [folded, x], rule.fused.attributes, 'com.microsoft');
  return rule.fused.fromOutput(ops, product);
}

/**
 * `dU·X̂ᵀ`. The product works on blocks of columns: where the inputs fill them, the column for the row of ones would
 * cost a whole block, and is summed apart.
 */
function withBias(ops: TensorOps, du: string, x: FeatureMap, xHat: string): string {
  if (x.channels % 16 !== 0) return ops.matMul(du, xHat, { transposeB: true });
  const products = ops.matMul(du, x.tensor, { transposeB: true });
  return ops.concat([products, ops.sum(du, [1], true)], 1);
}
