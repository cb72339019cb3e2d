import type { Network } from '../../network/network.js';
import type { GroupWidth } from '../../network/resize-groups.js';

/** How a rival came about, and its name in reports. */
export type RivalName = 'uniform' | 'uniform-stepped' | 'netadapt-macs';

/** Another way to the same latency: what the adapted network is compared with. */
export interface Rival {
  readonly name: RivalName;
  /** Of a uniform rival. */
  readonly multiplier: number | null;
  /** Of a rival that iterated. */
  readonly iterations: number | null;
  readonly network: Network;
  /** What its final training starts from: the seed cut to widths, or weights of its own. */
  readonly start:
    | { readonly kind: 'seed'; readonly widths: readonly GroupWidth[] }
    | { readonly kind: 'own'; readonly weights: string };
  /** Optimisation steps that these weights saw since the seed. */
  readonly stepsSinceSeed: number;
}
