import { type FeatureMap, pixelsOf } from './feature-map.js';
import type { TensorOps } from './tensor-ops.js';

/**
 * One consumer's share of a gradient. Squeeze-excite sends two shares back to one feature map, gated rows from the
 * product and a constant per image from the pool: kept apart until the sum is taken, both cost one pass together.
 */
export type GradientTerm =
  /** `[channels, batch · pixels]` */
  | { readonly kind: 'dense'; readonly tensor: string }
  /** `tensor[c, b, p] · gate[c, b]` */
  | { readonly kind: 'gated'; readonly tensor: string; readonly gate: string }
  /** `value[c, b]` at every pixel */
  | { readonly kind: 'spread'; readonly value: string };

/** @returns the sum as a tensor `[channels, batch · pixels]`; zeros when nobody read the feature map */
export function sumOfTerms(
  ops: TensorOps,
  feature: FeatureMap,
  batch: number,
  terms: readonly GradientTerm[],
): string {
  const gated = terms.flatMap((term) => (term.kind === 'gated' ? [term] : []));
  const spread = terms.flatMap((term) => (term.kind === 'spread' ? [term.value] : []));
  const dense = terms.flatMap((term) => (term.kind === 'dense' ? [term.tensor] : []));
  const rows = feature.channels * batch;
  const pixels = pixelsOf(feature);
  const whole = [feature.channels, batch * pixels];

  let offset = spread.length === 0 ? undefined : sumOf(ops, spread);
  for (const { tensor, gate } of gated) {
    const shift = offset === undefined ? ops.filled([rows], 0) : ops.reshape(offset, [rows]);
    offset = undefined;
    const passed = ops.affineRows(tensor, rows, pixels, ops.reshape(gate, [rows]), shift);
    dense.push(ops.reshape(passed, whole));
  }
  if (offset !== undefined) dense.push(spreadOverPixels(ops, offset, rows, pixels, whole));
  return dense.length === 0 ? ops.filled(whole, 0) : sumOf(ops, dense);
}

/** Every row's value at all of its pixels, as an outer product with ones. */
export function spreadOverPixels(
  ops: TensorOps,
  values: string,
  rows: number,
  pixels: number,
  shape: readonly number[],
): string {
  if (pixels === 1) return ops.reshape(values, shape);
  const column = ops.reshape(values, [rows, 1]);
  return ops.reshape(ops.matMul(column, ops.filled([1, pixels], 1)), shape);
}

function sumOf(ops: TensorOps, tensors: readonly string[]): string {
  return tensors.reduce((total, tensor) => ops.add(total, tensor));
}
