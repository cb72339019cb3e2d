import type { FeatureMap } from './feature-map.js';
import type { LayerContext } from './layer-context.js';
import { withUnitScale } from './unit-scale.js';

/**
 * Mean over the batch of −Σ t·log softmax(logits); its gradient (softmax(logits)·Σ t − t) / batch, Σ t = 1.
 * @param logits of 1×1 pixels: `[classes, batch]`
 * @param targets graph input `[batch, classes]`
 * @returns the loss, a scalar
 */
export function softmaxCrossEntropy(context: LayerContext, logits: FeatureMap, targets: string): string {
  const { ops, tape, batch } = context;
  const values = withUnitScale(context, logits);
  const logProbabilities = ops.node('LogSoftmax', [ops.transpose(values.tensor, [1, 0])], {
    axis: { int: -1 },
  });
  tape.onBackward(() => {
    const difference = ops.sub(ops.node('Exp', [logProbabilities]), targets);
    const tensor = ops.transpose(ops.scaled(difference, 1 / batch), [1, 0]);
    tape.addGradient(values, { kind: 'dense', tensor });
  });
  return ops.scaled(ops.sum(ops.mul(targets, logProbabilities), [0, 1]), -1 / batch);
}
