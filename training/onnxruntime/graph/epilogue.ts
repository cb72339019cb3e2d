import type { ActivationRule } from './activations/activation-rule.js';
import { batchNorm } from './batch-norm.js';
import type { LayerContext } from './layer-context.js';
import type { Layer } from './layers.js';
import type { TensorOps } from './tensor-ops.js';

type WeightedLayer = Exclude<Layer, { kind: 'single' }>;

/** Gradient of a product's rows in two factors: `dz[r, p] = factor[r] · rows[r, p]`. */
export interface ProductGradient {
  readonly rows: string;
  /** `[channels, 1]`; null for 1. Cheaper on the weights that come next than on the rows. */
  readonly factor: string | null;
}

export interface Epilogue {
  readonly tensor: string;
  readonly scale: number;
  /** @param gradient of the layer's output */
  backward(gradient: string): ProductGradient;
}

/** What a product should be divided by: without a batch norm to fold it into, the activation's scale. */
export function productScale(layer: WeightedLayer, rule: ActivationRule): number {
  return layer.batchNorm === null ? rule.inputScale : 1;
}

/**
 * What follows a product of weights: batch norm where there is one, and the activation.
 * @param z the product divided by {@link productScale}, `[channels, pixels]`
 * @param pixels of the whole batch
 */
export function epilogue(
  context: LayerContext,
  layer: WeightedLayer,
  rule: ActivationRule,
  z: string,
  pixels: number,
): Epilogue {
  const { ops } = context;
  const channels = layer.shape[2];
  const shape = { channels, pixels, outputScale: rule.inputScale };
  const normalized = layer.batchNorm === null ? null : batchNorm(context, z, layer.batchNorm, shape);
  const y = rule.apply(ops, normalized?.tensor ?? z);
  const backward = (gradient: string): ProductGradient => {
    const du = y.backward(gradient);
    if (normalized === null) return { rows: du, factor: null };
    const dz = normalized.backward(du);
    return { rows: dz.rows, factor: ops.reshape(dz.factor, [channels, 1]) };
  };
  return { tensor: y.tensor, scale: y.scale, backward };
}

/** `factor ∘ matrix`, row by row. */
export function timesFactor(ops: TensorOps, matrix: string, { factor }: ProductGradient): string {
  return factor === null ? matrix : ops.mul(matrix, factor);
}
