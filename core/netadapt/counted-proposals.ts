import type { Network } from '../network/network.js';
import { resizeGroup } from '../network/resize-group.js';
import { widthGroups } from '../network/width-groups.js';
import { fuse } from '../ops/fuse.js';
import { candidateWidths } from './candidate-widths.js';
import { opVariation } from './op-variation.js';
import { proposeTogether } from './peak-proposals.js';
import type { Proposal } from './proposals.js';
import { type CountedKind, countOf } from './resource.js';

export interface CountedStep {
  readonly network: Network;
  readonly kind: CountedKind;
  /** In the unit of `kind`, ambitious first: the next one is for when no group meets the one before. */
  readonly targets: readonly number[];
  readonly widthStep: number;
}

/**
 * Proposals for the most ambitious target that any group can meet; for peak memory, if none can, groups cut together.
 * @returns no proposals, and the last target, when nothing can be cut any more
 * @throws LutraError `invalid-network`
 */
export function proposeCountedStep({ targets, ...step }: CountedStep): {
  readonly target: number;
  readonly proposals: readonly Proposal[];
} {
  const waysToCut =
    step.kind === 'peakActivationBytes' ? [proposeCounted, proposeTogether] : [proposeCounted];
  for (const propose of waysToCut) {
    for (const target of targets) {
      const proposals = propose({ ...step, target });
      if (proposals.length > 0) return { target, proposals };
    }
  }
  return { target: targets.at(-1)!, proposals: [] };
}

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
