import { plainValues, withUnitScale } from './extra-row.js';
import type { ExtraRow, FeatureMap } from './feature-map.js';
import type { LayerContext } from './layer-context.js';

/** Residual add: y = a + b, da = db = dy. Extra rows add up too: ones and zeros make ones. */
export function addLayer(context: LayerContext, first: FeatureMap, second: FeatureMap): FeatureMap {
  const { ops, tape } = context;
  const extraRow = summedExtraRow(first, second);
  const conform = extraRow === null ? plainValues : withUnitScale;
  const [a, b] = [conform(context, first), conform(context, second)];
  const output: FeatureMap = {
    ...a,
    tensor: ops.add(a.tensor, b.tensor),
    extraRow: extraRow ?? 'none',
    needsGradient: a.needsGradient || b.needsGradient,
  };
  tape.onBackward(() => {
    const tensor = tape.gradientOf(output);
    for (const side of [a, b]) if (side.needsGradient) tape.addGradient(side, { kind: 'dense', tensor });
  });
  return output;
}

/** The extra row of the sum; null when the two sides' rows do not go together. */
function summedExtraRow(a: FeatureMap, b: FeatureMap): ExtraRow | null {
  if (a.extraRow === 'zeros' && b.extraRow !== 'none') return b.extraRow;
  if (b.extraRow === 'zeros' && a.extraRow !== 'none') return a.extraRow;
  return a.extraRow === 'none' && b.extraRow === 'none' ? 'none' : null;
}
