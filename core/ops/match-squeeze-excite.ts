import type { ActivationKind } from '../network/network.js';
import type { Match } from './match-op.js';
import type { NetworkView } from './network-view.js';

/**
 * Matches a squeeze-excite from its pooling on: pool, layer, activation, layer, gate, and the product with what was
 * pooled. The two layers are 1×1 convolutions or dense, with bias.
 * @param pool position of a `globalAvgPool`
 */
export function matchSqueezeExcite(view: NetworkView, pool: number): Match | undefined {
  const squeeze = biasedLayer(view, pool);
  if (squeeze === undefined) return undefined;
  const inner = activationAfter(view, squeeze, ['relu', 'relu6', 'hswish', 'swish']);
  if (inner === undefined) return undefined;
  const excite = biasedLayer(view, inner.position);
  if (excite === undefined) return undefined;
  const gate = activationAfter(view, excite, ['hsigmoid', 'sigmoid']);
  if (gate === undefined) return undefined;
  const product = view.soleReader(gate.position, 'mul')?.position;
  if (product === undefined) return undefined;
  const pooled = view.inputs(pool)[0]!;
  if (!view.inputs(product).includes(pooled)) return undefined;
  return {
    op: {
      kind: 'squeezeExcite',
      dtype: view.dtype,
      input: view.shape(pooled),
      squeeze: view.shape(squeeze)[2],
      activation: inner.activation,
      gate: gate.activation,
    },
    members: [pool, squeeze, inner.position, excite, gate.position, product],
  };
}

function biasedLayer(view: NetworkView, after: number): number | undefined {
  const dense = view.soleReader(after, 'dense');
  if (dense?.node.bias) return dense.position;
  const conv = view.soleReader(after, 'conv2d');
  if (conv === undefined) return undefined;
  const { bias, groups, kernel } = conv.node;
  const [height, width] = view.shape(conv.position);
  const pointwise = groups === 1 && kernel[0] === 1 && kernel[1] === 1 && height === 1 && width === 1;
  return bias && pointwise ? conv.position : undefined;
}

function activationAfter(
  view: NetworkView,
  position: number,
  kinds: readonly ActivationKind[],
): { readonly position: number; readonly activation: ActivationKind } | undefined {
  const found = view.soleReader(position, 'activation');
  if (found === undefined || !kinds.includes(found.node.activation)) return undefined;
  return { position: found.position, activation: found.node.activation };
}
