import { type FeatureMap, pixelsOf, rowsOf } from './feature-map.js';
import type { LayerContext } from './layer-context.js';

/** What a feature map with a row of ones was copied from. */
const originals = new WeakMap<FeatureMap, FeatureMap>();

/**
 * The feature map with a last row of ones, by a copy if it was not made with one.
 * @see ./plan-extra-rows.ts, which lets layers make the row at no cost
 */
export function withOnesRow(context: LayerContext, x: FeatureMap): FeatureMap {
  if (x.extraRow === 'ones') return x;
  const { ops, tape } = context;
  const bare = withoutExtraRow(context, x);
  const ones = ops.filled([1, context.batch * pixelsOf(x)], 1);
  const augmented: FeatureMap = { ...bare, tensor: ops.concat([bare.tensor, ones], 0), extraRow: 'ones' };
  originals.set(augmented, bare);
  if (x.needsGradient) {
    tape.onBackward(() => {
      const tensor = ops.slice(tape.gradientOf(augmented), 0, 0, x.channels);
      tape.addGradient(bare, { kind: 'dense', tensor });
    });
  }
  return augmented;
}

/** The feature map's channels alone, by a copy if it was made with an extra row. */
export function withoutExtraRow(context: LayerContext, x: FeatureMap): FeatureMap {
  if (x.extraRow === 'none') return x;
  const original = originals.get(x);
  if (original !== undefined) return original;
  const { ops, tape } = context;
  const bare: FeatureMap = { ...x, tensor: ops.slice(x.tensor, 0, 0, x.channels), extraRow: 'none' };
  if (x.needsGradient) {
    tape.onBackward(() => {
      const unread = ops.filled([1, context.batch * pixelsOf(x)], 0);
      const tensor = ops.concat([tape.gradientOf(bare), unread], 0);
      tape.addGradient(x, { kind: 'dense', tensor });
    });
  }
  return bare;
}

/** The feature map with scale 1; an extra row stays what it is. */
export function withUnitScale(context: LayerContext, x: FeatureMap): FeatureMap {
  if (x.scale === 1) return x;
  const { ops, tape } = context;
  const scales = new Float32Array(rowsOf(x)).fill(x.scale);
  if (x.extraRow !== 'none') scales[x.channels] = 1;
  const column = ops.graph.initializer([scales.length, 1], scales);
  const unit: FeatureMap = { ...x, tensor: ops.mul(x.tensor, column), scale: 1 };
  if (x.needsGradient) {
    tape.onBackward(() => tape.addGradient(x, { kind: 'dense', tensor: tape.gradientOf(unit) }));
  }
  return unit;
}

/** The feature map with scale 1 and no extra row. */
export function plainValues(context: LayerContext, x: FeatureMap): FeatureMap {
  return withUnitScale(context, withoutExtraRow(context, x));
}
