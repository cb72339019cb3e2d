import { LutraError } from '../errors.js';
import type { Network } from '../network/network.js';
import type { GroupWidth } from '../network/resize-groups.js';
import { takeChannels } from '../network/truncate-weights.js';
import type { Weights } from '../network/weights.js';
import { widthGroups } from '../network/width-groups.js';
import { strongestFilters } from './filter-choice.js';

/**
 * Shrinks groups one after the other, each to its strongest filters: what a fine-tuning starts from.
 * @param widths not above the network's own
 * @throws LutraError `invalid-request` for an unknown or frozen group, `missing-weights`
 */
export function cutWeights(
  network: Network,
  weights: Weights,
  widths: readonly GroupWidth[],
): { readonly network: Network; readonly weights: Weights } {
  let cut = { network, weights };
  for (const { group: id, width } of widths) {
    const group = widthGroups(cut.network).find((candidate) => candidate.id === id);
    if (group === undefined) {
      throw new LutraError('invalid-request', `network '${network.name}' has no width group '${id}'`);
    }
    if (group.width === width) continue;
    cut = takeChannels(cut.network, cut.weights, group, strongestFilters(cut.weights, group, width));
  }
  return cut;
}
