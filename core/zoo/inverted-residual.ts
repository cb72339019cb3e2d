import type { ActivationKind } from '../network/network.js';
import type { NetworkBuilder } from './network-builder.js';
import { type SqueezeExciteOptions, squeezeExcite } from './squeeze-excite.js';

export interface InvertedResidualOptions {
  /** Rows and columns of the depthwise kernel. */
  readonly kernel: number;
  readonly stride: number;
  /** Channels between the 1×1 convolutions. */
  readonly expansion: number;
  /** Whether there is a 1×1 convolution that expands; without it, `expansion` is the input's channels. */
  readonly expands: boolean;
  readonly filters: number;
  readonly activation: ActivationKind;
  /** Null = none. */
  readonly squeezeExcite: SqueezeExciteOptions | null;
}

/**
 * Inverted residual: 1×1 expansion, depthwise, squeeze-excite, linear 1×1 projection, and a residual add where the
 * block's output has its input's shape.
 * @see https://arxiv.org/abs/1801.04381 figure 4, https://arxiv.org/abs/1905.02244 figure 4
 */
export function invertedResidual(
  builder: NetworkBuilder,
  prefix: string,
  input: string,
  options: InvertedResidualOptions,
): string {
  const { kernel, stride, expansion, filters, activation } = options;
  const expanded = options.expands
    ? builder.convBlock(`${prefix}/expand`, input, { filters: expansion, kernel: 1, activation })
    : input;
  const filtered = builder.depthwiseBlock(`${prefix}/depthwise`, expanded, { kernel, stride, activation });
  const scaled =
    options.squeezeExcite === null
      ? filtered
      : squeezeExcite(builder, `${prefix}/se`, filtered, options.squeezeExcite);
  const projected = builder.convBlock(`${prefix}/project`, scaled, { filters, kernel: 1, activation: null });
  const keepsShape = stride === 1 && builder.channelsOf(input) === filters;
  return keepsShape ? builder.add(`${prefix}/add`, projected, input) : projected;
}
