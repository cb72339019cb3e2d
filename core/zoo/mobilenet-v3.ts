import type { ActivationKind, Network } from '../network/network.js';
import { buildMobilenetV3, type MobilenetV3Block } from './build-mobilenet-v3.js';
import { makeDivisible } from './make-divisible.js';
import { type CommonOption, commonOptions, type ZooEntry, type ZooOptionValues } from './zoo-entry.js';

type Row = readonly [
  kernel: number,
  expansion: number,
  filters: number,
  squeezeExcite: boolean,
  activation: ActivationKind,
  stride: number,
];

const STEM_FILTERS = 16;

/** Howard et al. 2019, table 1. */
const LARGE: readonly Row[] = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hswish', 2],
  [3, 200, 80, false, 'hswish', 1],
  [3, 184, 80, false, 'hswish', 1],
  [3, 184, 80, false, 'hswish', 1],
  [3, 480, 112, true, 'hswish', 1],
  [3, 672, 112, true, 'hswish', 1],
  [5, 672, 160, true, 'hswish', 2],
  [5, 960, 160, true, 'hswish', 1],
  [5, 960, 160, true, 'hswish', 1],
];

/** Table 2. Its squeeze-excite on the last 1×1 convolution is in no released network, and not here. */
const SMALL: readonly Row[] = [
  [3, 16, 16, true, 'relu', 2],
  [3, 72, 24, false, 'relu', 2],
  [3, 88, 24, false, 'relu', 1],
  [5, 96, 40, true, 'hswish', 2],
  [5, 240, 40, true, 'hswish', 1],
  [5, 240, 40, true, 'hswish', 1],
  [5, 120, 48, true, 'hswish', 1],
  [5, 144, 48, true, 'hswish', 1],
  [5, 288, 96, true, 'hswish', 2],
  [5, 576, 96, true, 'hswish', 1],
  [5, 576, 96, true, 'hswish', 1],
];

/**
 * MobileNetV3-Large.
 * @see https://arxiv.org/abs/1905.02244 table 1
 */
export const mobilenetV3Large: ZooEntry<CommonOption> = {
  name: 'mobilenet-v3-large',
  description: 'MobileNetV3-Large: 15 inverted residuals with squeeze-excite and h-swish',
  options: commonOptions(),
  build: (options) => build('mobilenet-v3-large', LARGE, 960, 1280, options),
};

/**
 * MobileNetV3-Small.
 * @see https://arxiv.org/abs/1905.02244 table 2
 */
export const mobilenetV3Small: ZooEntry<CommonOption> = {
  name: 'mobilenet-v3-small',
  description: 'MobileNetV3-Small: 11 inverted residuals with squeeze-excite and h-swish',
  options: commonOptions(),
  build: (options) => build('mobilenet-v3-small', SMALL, 576, 1024, options),
};

function build(
  name: string,
  rows: readonly Row[],
  headFilters: number,
  hiddenUnits: number,
  { width, resolution, inputChannels, classes }: ZooOptionValues<CommonOption>,
): Network {
  return buildMobilenetV3({
    name,
    resolution,
    inputChannels,
    stemFilters: makeDivisible(STEM_FILTERS * width),
    stemStride: 2,
    blocks: blocksAt(rows, width),
    headFilters: makeDivisible(headFilters * width),
    // As in MobileNetV2, multipliers below 1 leave the last hidden layer alone.
    hiddenUnits: makeDivisible(hiddenUnits * Math.max(width, 1)),
    classes,
  });
}

/**
 * Expansions are ratios of a block's input, as in the published code: what a multiplier scales is the input, and the
 * expansion follows from the channels that it came to after rounding.
 */
function blocksAt(rows: readonly Row[], width: number): readonly MobilenetV3Block[] {
  let tableInput = STEM_FILTERS;
  let input = makeDivisible(STEM_FILTERS * width);
  return rows.map(([kernel, tableExpansion, tableFilters, squeezeExcite, activation, stride]) => {
    const expands = tableExpansion !== tableInput;
    const expansion = expands ? makeDivisible((input * tableExpansion) / tableInput) : input;
    const filters = makeDivisible(tableFilters * width);
    const squeeze = squeezeExcite ? makeDivisible(expansion / 4) : null;
    [tableInput, input] = [tableFilters, filters];
    return { kernel, expansion, expands, filters, squeeze, activation, stride };
  });
}
