import type { ActivationKind, Network } from '../network/network.js';
import { invertedResidual } from './inverted-residual.js';
import { NetworkBuilder } from './network-builder.js';

/** One inverted residual, its channel counts final. */
export interface MobilenetV3Block {
  readonly kernel: number;
  readonly expansion: number;
  readonly filters: number;
  /** Channels of the squeeze layer; null = no squeeze-excite. */
  readonly squeeze: number | null;
  readonly activation: ActivationKind;
  readonly stride: number;
  /** Whether it has an expansion layer. */
  readonly expands: boolean;
}

/** A network of MobileNetV3's shape, its channel counts final. */
export interface MobilenetV3Plan {
  readonly name: string;
  readonly resolution: number;
  readonly inputChannels: number;
  readonly stemFilters: number;
  readonly stemStride: number;
  readonly blocks: readonly MobilenetV3Block[];
  /** Channels of the 1×1 convolution before pooling. */
  readonly headFilters: number;
  /** Units of the hidden layer after pooling. */
  readonly hiddenUnits: number;
  readonly classes: number;
}

/**
 * MobileNetV3's shape: stem, inverted residuals with squeeze-excite, and the efficient last stage, which pools before
 * its last 1×1 layers.
 * @throws LutraError `invalid-network` when the plan leads beyond the limits of a network
 * @see https://arxiv.org/abs/1905.02244 figure 5
 */
export function buildMobilenetV3(plan: MobilenetV3Plan): Network {
  const builder = new NetworkBuilder(plan.name);
  let output = builder.input([plan.resolution, plan.resolution, plan.inputChannels]);
  output = builder.convBlock('stem', output, {
    filters: plan.stemFilters,
    kernel: 3,
    stride: plan.stemStride,
    activation: 'hswish',
  });
  plan.blocks.forEach(({ squeeze, ...block }, index) => {
    output = invertedResidual(builder, `block${index + 1}`, output, {
      ...block,
      squeezeExcite: squeeze === null ? null : { squeeze, gate: 'hsigmoid' },
    });
  });
  output = builder.convBlock('head', output, { filters: plan.headFilters, kernel: 1, activation: 'hswish' });
  output = builder.globalAvgPool('head/pool', output);
  output = builder.dense('classifier/dense1', output, plan.hiddenUnits);
  output = builder.activation('classifier/hswish', output, 'hswish');
  builder.dense('classifier/dense2', output, plan.classes);
  return builder.build();
}
