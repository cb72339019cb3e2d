import type { Network } from '../network/network.js';
import { resizeGroups } from '../network/resize-groups.js';
import { widthGroups } from '../network/width-groups.js';
import { seededRng } from '../random.js';
import { buildZooNetwork } from './zoo.js';

/** Narrowest and widest draw, as shares of the family's own width. */
const SHARES = { least: 0.4, most: 1 } as const;

const WIDTH_STEP = 8;

/**
 * A zoo network with every width group drawn on its own, between 40 and 100 % of the family's width in steps of 8: what
 * NetAdapt and searches come up with, and what an estimate is therefore judged by.
 * @param family name of a zoo network
 * @param options of the zoo network, e.g. its resolution; widths are drawn below those it gives
 * @param seed equal seeds draw equal shares
 * @throws LutraError `unknown-zoo-network`, `invalid-zoo-option`
 */
export function randomNetwork(family: string, options: unknown, seed: number): Network {
  const rng = seededRng(seed);
  const network = buildZooNetwork(family, options);
  const widths = widthGroups(network)
    .filter(({ frozen }) => !frozen)
    .map(({ id, width }) => ({ group: id, width: drawWidth(width, rng()) }));
  return { ...resizeGroups(network, widths), name: `${family}-random-${seed}` };
}

function drawWidth(widest: number, uniform: number): number {
  const share = SHARES.least + (SHARES.most - SHARES.least) * uniform;
  const width = Math.round((widest * share) / WIDTH_STEP) * WIDTH_STEP;
  return Math.min(widest, Math.max(WIDTH_STEP, width));
}
