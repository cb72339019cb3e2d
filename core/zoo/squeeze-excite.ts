import type { ActivationKind } from '../network/network.js';
import type { NetworkBuilder } from './network-builder.js';

export interface SqueezeExciteOptions {
  /** Channels of the narrow layer. */
  readonly squeeze: number;
  /** `hsigmoid` in MobileNetV3, `sigmoid` in MnasNet. */
  readonly gate: ActivationKind;
}

/**
 * Squeeze-excite: pool, 1×1 with bias and relu, 1×1 with bias and gate, product.
 * @see https://arxiv.org/abs/1709.01507
 */
export function squeezeExcite(
  builder: NetworkBuilder,
  prefix: string,
  input: string,
  { squeeze, gate }: SqueezeExciteOptions,
): string {
  const pooled = builder.globalAvgPool(`${prefix}/pool`, input);
  const squeezed = builder.biasedPointwise(`${prefix}/squeeze`, pooled, squeeze);
  const rectified = builder.activation(`${prefix}/relu`, squeezed, 'relu');
  const excited = builder.biasedPointwise(`${prefix}/excite`, rectified, builder.channelsOf(input));
  const gated = builder.activation(`${prefix}/${gate}`, excited, gate);
  return builder.mul(`${prefix}/scale`, input, gated);
}
