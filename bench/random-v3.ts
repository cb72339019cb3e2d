import type { Network } from '../core/network/network.js';
import { type Rng, seededRng } from '../core/random.js';
import { buildMobilenetV3, type MobilenetV3Block } from '../core/zoo/build-mobilenet-v3.js';
import { makeDivisible } from '../core/zoo/make-divisible.js';

type Row = readonly [
  expansion: number,
  filters: number,
  squeezeExcite: boolean,
  hswish: boolean,
  stride: 1 | 2,
];

/** The blocks of MobileNetV3-Small: widths are upper bounds here. */
const ROWS: readonly Row[] = [
  [16, 16, true, false, 2],
  [72, 24, false, false, 2],
  [88, 24, false, false, 1],
  [96, 40, true, true, 2],
  [240, 40, true, true, 1],
  [240, 40, true, true, 1],
  [120, 48, true, true, 1],
  [144, 48, true, true, 1],
  [288, 96, true, true, 2],
  [576, 96, true, true, 1],
  [576, 96, true, true, 1],
];

/**
 * A network of MobileNetV3-Small's shape with every width drawn between 40 and 100 % of the original in steps of 8,
 * kernels of 3 or 5, and squeeze-excite in most of the blocks that have it: what a search or NetAdapt comes up with.
 */
export function randomV3(seed: number, resolution: number, classes = 1000): Network {
  const rng = seededRng(seed);
  let previous = 0;
  const blocks = ROWS.map(([expansion, filters, squeezeExcite, hswish, stride], index): MobilenetV3Block => {
    const continues = stride === 1 && ROWS[index - 1]?.[1] === filters;
    const width = continues && rng() < 0.8 ? previous : drawWidth(filters, rng);
    previous = width;
    const expanded = drawWidth(expansion, rng);
    return {
      kernel: rng() < 0.5 ? 3 : 5,
      expansion: expanded,
      filters: width,
      squeeze: rng() < (squeezeExcite ? 0.7 : 0.2) ? makeDivisible(expanded / 4) : null,
      activation: hswish ? 'hswish' : 'relu',
      stride,
      expands: true,
    };
  });
  return buildMobilenetV3({
    name: `random-v3-${seed}`,
    resolution,
    inputChannels: 3,
    stemFilters: rng() < 0.5 ? 8 : 16,
    stemStride: 2,
    blocks,
    headFilters: drawWidth(576, rng),
    hiddenUnits: drawWidth(1024, rng),
    classes,
  });
}

function drawWidth(widest: number, rng: Rng): number {
  return Math.max(8, Math.round((widest * (0.4 + 0.6 * rng())) / 8) * 8);
}
