import { LutraError } from '../errors.js';
import type { Network } from '../network/network.js';
import type { GroupWidth } from '../network/resize-groups.js';
import { takeChannels } from '../network/truncate-weights.js';
import type { Weights } from '../network/weights.js';
import { widthGroups } from '../network/width-groups.js';
import { compensateBiases } from './compensate-biases.js';
import { strongestFilters } from './filter-choice.js';

export interface CutOptions {
  /** Of every filter: see {@link strongestFilters}; null: L2 norms. */
  readonly scores?: Weights | null;
  /** Whether what is removed lives on in the biases of its readers: see {@link compensateBiases}. */
  readonly compensate?: boolean;
}

/**
 * Shrinks groups one after the other, each to its strongest filters: what a fine-tuning starts from.
 * @param widths not above the network's own
 * @throws LutraError `invalid-request` for an unknown or frozen group, `missing-weights`
 */
export function cutWeights(
  network: Network,
  weights: Weights,
  widths: readonly GroupWidth[],
  { scores = null, compensate = false }: CutOptions = {},
): { readonly network: Network; readonly weights: Weights } {
  let cut = { network, weights };
  for (const { group: id, width } of widths) {
    const group = widthGroups(cut.network).find((candidate) => candidate.id === id);
    if (group === undefined) {
      throw new LutraError('invalid-request', `network '${network.name}' has no width group '${id}'`);
    }
    if (group.width === width) continue;
    const keep = strongestFilters(cut.weights, group, width, scores);
    const prepared = compensate ? compensateBiases(cut.network, cut.weights, group, keep) : cut.weights;
    cut = takeChannels(cut.network, prepared, group, keep);
  }
  return cut;
}
