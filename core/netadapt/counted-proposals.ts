import type { Network } from '../network/network.js';
import { resizeGroup } from '../network/resize-group.js';
import { widthGroups } from '../network/width-groups.js';
import { fuse } from '../ops/fuse.js';
import { candidateWidths } from './candidate-widths.js';
import { opVariation } from './op-variation.js';
import type { Proposal } from './proposals.js';
import { type CountedKind, countOf } from './resource.js';

export interface CountedRequest {
  readonly network: Network;
  readonly kind: CountedKind;
  /** In the unit of `kind`. */
  readonly target: number;
  readonly widthStep: number;
}

/**
 * For every width group that may change: the largest width at which the network needs no more than the target of a
 * counted resource, which needs no table. Groups that cannot meet it alone are left out.
 * @throws LutraError `invalid-network`
 * @see Yang et al. 2018, "NetAdapt", algorithm 1: this is the algorithm driven by an indirect metric
 */
export function proposeCounted({ network, kind, target, widthStep }: CountedRequest): readonly Proposal[] {
  const fused = fuse(network);
  return widthGroups(network).flatMap((group): readonly Proposal[] => {
    if (group.frozen || group.width <= widthStep) return [];
    const countAt = (width: number): number => countOf(kind, resizeGroup(network, group.id, width));
    const widths = candidateWidths(group.width, widthStep);
    const width = widths[firstWithin(widths.length, (i) => countAt(widths[i]!) <= target)];
    if (width === undefined) return [];
    const { positions: ops } = opVariation(network, fused, group);
    return [{ group: group.id, widthBefore: group.width, width, estimate: countAt(width), ops }];
  });
}

/** The first index that holds, where all after it hold too; `length` when none does. */
function firstWithin(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
