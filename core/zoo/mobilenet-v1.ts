import type { Network } from '../network/network.js';
import { makeDivisible } from './make-divisible.js';
import { NetworkBuilder } from './network-builder.js';
import { type CommonOption, commonOptions, type ZooEntry, type ZooOptionValues } from './zoo-entry.js';

const STEM_FILTERS = 32;

/** Depthwise separable blocks: output channels, stride (Howard et al. 2017, table 1). */
const BLOCKS: readonly (readonly [filters: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/**
 * MobileNetV1: depthwise separable convolutions throughout.
 * @see https://arxiv.org/abs/1704.04861
 */
export const mobilenetV1: ZooEntry<CommonOption> = {
  name: 'mobilenet-v1',
  description: 'MobileNetV1: 13 depthwise separable convolutions',
  options: commonOptions(),
  build,
};

function build({ width, resolution, inputChannels, classes }: ZooOptionValues<CommonOption>): Network {
  const builder = new NetworkBuilder('mobilenet-v1');
  const activation = 'relu6';
  let output = builder.input([resolution, resolution, inputChannels]);
  output = builder.convBlock('stem', output, {
    filters: makeDivisible(STEM_FILTERS * width),
    kernel: 3,
    stride: 2,
    activation,
  });
  BLOCKS.forEach(([filters, stride], index) => {
    const prefix = `block${index + 1}`;
    output = builder.depthwiseBlock(`${prefix}/depthwise`, output, { kernel: 3, stride, activation });
    output = builder.convBlock(`${prefix}/pointwise`, output, {
      filters: makeDivisible(filters * width),
      kernel: 1,
      activation,
    });
  });
  output = builder.globalAvgPool('head/pool', output);
  builder.dense('classifier/dense', output, classes);
  return builder.build();
}
