import type { Network } from '../network/network.js';
import { invertedResidual } from './inverted-residual.js';
import { makeDivisible } from './make-divisible.js';
import { NetworkBuilder } from './network-builder.js';
import { type CommonOption, commonOptions, type ZooEntry, type ZooOptionValues } from './zoo-entry.js';

const STEM_FILTERS = 32;
const HEAD_FILTERS = 1280;

/** Expansion factor, output channels, blocks, stride of the first (Sandler et al. 2018, table 2). */
const STAGES: readonly (readonly [factor: number, filters: number, blocks: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/**
 * MobileNetV2: inverted residuals with linear bottlenecks.
 * @see https://arxiv.org/abs/1801.04381
 */
export const mobilenetV2: ZooEntry<CommonOption> = {
  name: 'mobilenet-v2',
  description: 'MobileNetV2: 17 inverted residuals with linear bottlenecks',
  options: commonOptions(),
  build,
};

function build({ width, resolution, inputChannels, classes }: ZooOptionValues<CommonOption>): Network {
  const builder = new NetworkBuilder('mobilenet-v2');
  const activation = 'relu6';
  let output = builder.input([resolution, resolution, inputChannels]);
  output = builder.convBlock('stem', output, {
    filters: makeDivisible(STEM_FILTERS * width),
    kernel: 3,
    stride: 2,
    activation,
  });
  blocks().forEach(({ factor, filters, stride }, index) => {
    output = invertedResidual(builder, `block${index + 1}`, output, {
      kernel: 3,
      stride,
      expansion: factor * builder.channelsOf(output),
      expands: factor > 1,
      filters: makeDivisible(filters * width),
      activation,
      squeezeExcite: null,
    });
  });
  output = builder.convBlock('head', output, {
    // The paper applies multipliers below 1 to all layers but this one (section 6.1).
    filters: makeDivisible(HEAD_FILTERS * Math.max(width, 1)),
    kernel: 1,
    activation,
  });
  output = builder.globalAvgPool('head/pool', output);
  builder.dense('classifier/dense', output, classes);
  return builder.build();
}

function blocks(): readonly { factor: number; filters: number; stride: number }[] {
  return STAGES.flatMap(([factor, filters, count, stride]) =>
    Array.from({ length: count }, (_, i) => ({ factor, filters, stride: i === 0 ? stride : 1 })),
  );
}
