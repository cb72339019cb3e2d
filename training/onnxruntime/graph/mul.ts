import { type FeatureMap, pixelsOf } from './feature-map.js';
import { spreadOverPixels } from './gradient-terms.js';
import type { LayerContext } from './layer-context.js';
import { withUnitScale } from './unit-scale.js';

/** Up to here a gate is spread by an outer product and multiplied; above, one affine pass over rows is faster. */
const MOST_SPREAD_PIXELS = 64;

/**
 * Element-wise product. Two maps of equal shape: y = a·b, da = dy·b, db = dy·a. A map and a gate of one value for each
 * channel and image (squeeze-excite): y = x·g, dx = dy·g, dg = Σ over the pixels of dy·x.
 */
export function mulLayer(context: LayerContext, first: FeatureMap, second: FeatureMap): FeatureMap {
  if (pixelsOf(first) === pixelsOf(second)) return equalShapes(context, first, second);
  const [x, gate] = pixelsOf(first) > pixelsOf(second) ? [first, second] : [second, first];
  return gated(context, x, withUnitScale(context, gate));
}

function gated(context: LayerContext, x: FeatureMap, gate: FeatureMap): FeatureMap {
  const { ops, tape, batch } = context;
  const rows = x.channels * batch;
  const pixels = pixelsOf(x);
  const whole = [x.channels, batch * pixels];
  const output: FeatureMap = { ...x, tensor: spreadGate(), needsGradient: true };

  function spreadGate(): string {
    if (pixels <= MOST_SPREAD_PIXELS) {
      return ops.mul(x.tensor, spreadOverPixels(ops, gate.tensor, rows, pixels, whole));
    }
    const scale = ops.reshape(gate.tensor, [rows]);
    return ops.reshape(ops.affineRows(x.tensor, rows, pixels, scale, ops.filled([rows], 0)), whole);
  }

  tape.onBackward(() => {
    const dy = tape.gradientOf(output);
    if (gate.needsGradient) {
      const product = ops.reshape(ops.mul(dy, x.tensor), [x.channels, batch, pixels]);
      tape.addGradient(gate, { kind: 'dense', tensor: ops.scaled(ops.sum(product, [2]), x.scale) });
    }
    if (x.needsGradient) tape.addGradient(x, { kind: 'gated', tensor: dy, gate: gate.tensor });
  });
  return output;
}

function equalShapes(context: LayerContext, a: FeatureMap, b: FeatureMap): FeatureMap {
  const { ops, tape } = context;
  const needsGradient = a.needsGradient || b.needsGradient;
  const output = { ...a, tensor: ops.mul(a.tensor, b.tensor), scale: a.scale * b.scale, needsGradient };
  tape.onBackward(() => {
    const dy = tape.gradientOf(output);
    for (const [side, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!side.needsGradient) continue;
      const tensor = ops.scaled(ops.mul(dy, other.tensor), other.scale);
      tape.addGradient(side, { kind: 'dense', tensor });
    }
  });
  return output;
}
