import type { ActivationKind, Network } from '../network/network.js';
import { buildMobilenetV3 } from './build-mobilenet-v3.js';
import { makeDivisible } from './make-divisible.js';
import { type CommonOption, commonOptions, type ZooEntry, type ZooOptionValues } from './zoo-entry.js';

type TinyOption = CommonOption | 'stemStride';

/** Kernel, expansion, output channels, squeeze-excite, activation, stride. */
const BLOCKS: readonly (readonly [number, number, number, boolean, ActivationKind, number])[] = [
  [3, 16, 8, true, 'relu', 1],
  [3, 40, 16, false, 'relu', 2],
  [3, 56, 16, false, 'relu', 1],
  [5, 64, 24, true, 'hswish', 2],
  [5, 120, 24, true, 'hswish', 1],
  [5, 72, 24, true, 'hswish', 1],
];

/** Lutra's own small MobileNetV3, for images of 28×28 pixels such as MNIST. A width multiplier scales every layer. */
export const mobilenetV3Tiny: ZooEntry<TinyOption> = {
  name: 'mobilenet-v3-tiny',
  description: "Lutra's own small MobileNetV3 for 28x28 images: 6 inverted residuals",
  options: {
    ...commonOptions({ resolution: 28, inputChannels: 1, classes: 10 }),
    stemStride: {
      description: 'stride of the first convolution',
      type: 'integer',
      minimum: 1,
      maximum: 2,
      default: 2,
    },
  },
  build,
};

function build(options: ZooOptionValues<TinyOption>): Network {
  const { width, resolution, inputChannels, classes, stemStride } = options;
  return buildMobilenetV3({
    name: 'mobilenet-v3-tiny',
    resolution,
    inputChannels,
    stemFilters: makeDivisible(8 * width),
    stemStride,
    blocks: BLOCKS.map(([kernel, baseExpansion, filters, squeezeExcite, activation, stride]) => {
      const expansion = makeDivisible(baseExpansion * width);
      const squeeze = squeezeExcite ? nearestEight(expansion / 4) : null;
      return {
        kernel,
        expansion,
        expands: true,
        filters: makeDivisible(filters * width),
        squeeze,
        activation,
        stride,
      };
    }),
    headFilters: makeDivisible(144 * width),
    hiddenUnits: makeDivisible(128 * width),
    classes,
  });
}

/** Plain rounding: every channel counts in so small a network, so a squeeze of 18 becomes 16 and not 24. */
function nearestEight(channels: number): number {
  return Math.max(8, Math.round(channels / 8) * 8);
}
