import { contentHash } from '../network/content-hash.js';
import type { Network } from '../network/network.js';
import { resizeGroups } from '../network/resize-groups.js';
import { widthGroups } from '../network/width-groups.js';
import { seededRng } from '../random.js';
import { buildZooNetwork } from './zoo.js';

/** Narrowest and widest draw, as shares of the family's own width. */
const SHARES = { least: 0.4, most: 1 } as const;

const DEFAULT_WIDTH_STEP = 8;

/**
 * A zoo network with every width group drawn on its own, between 40 and 100 % of the family's width: what NetAdapt and
 * searches come up with, and what an estimate is therefore judged by.
 * @param family name of a zoo network
 * @param options of the zoo network, e.g. its resolution; widths are drawn below those it gives
 * @param seed equal seeds draw equal shares
 * @param widthStep widths are multiples of it, or the family's own; with a table's step its ops are `familyOps` of it
 * @throws LutraError `unknown-zoo-network`, `invalid-zoo-option`
 */
export function randomNetwork(
  family: string,
  options: unknown,
  seed: number,
  widthStep = DEFAULT_WIDTH_STEP,
): Network {
  const rng = seededRng(seed);
  const network = buildZooNetwork(family, options);
  const widths = widthGroups(network)
    .filter(({ frozen }) => !frozen)
    .map(({ id, width }) => ({ group: id, width: drawWidth(width, rng(), widthStep) }));
  return { ...resizeGroups(network, widths), name: `${family}-random-${seed}` };
}

/** A family with few widths does not have any number of members. */
const DRAWS_EACH = 20;

/**
 * Random networks that all differ, drawn from consecutive seeds; those that were drawn before are left out. Fewer than
 * wanted where the family has no more, or hardly any.
 * @param options of the zoo network that has this place among the networks
 * @param excluded hashes of networks that are not to be drawn
 * @throws LutraError `unknown-zoo-network`, `invalid-zoo-option`
 */
export function randomNetworks(
  family: string,
  options: (place: number) => unknown,
  count: number,
  {
    seed,
    widthStep,
    excluded = new Set(),
  }: { readonly seed: number; readonly widthStep?: number; readonly excluded?: ReadonlySet<string> },
): readonly Network[] {
  const networks = new Map<string, Network>();
  for (let draw = 0; draw < DRAWS_EACH * count && networks.size < count; draw++) {
    const network = randomNetwork(family, options(networks.size), seed + draw, widthStep);
    const hash = contentHash(network);
    if (!excluded.has(hash) && !networks.has(hash)) networks.set(hash, network);
  }
  return [...networks.values()];
}

function drawWidth(widest: number, uniform: number, step: number): number {
  const share = SHARES.least + (SHARES.most - SHARES.least) * uniform;
  const width = Math.round((widest * share) / step) * step;
  return Math.min(widest, Math.max(step, width));
}
