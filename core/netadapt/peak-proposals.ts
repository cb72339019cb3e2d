import { liveElements } from '../network/memory.js';
import type { Network } from '../network/network.js';
import { resizeGroups } from '../network/resize-groups.js';
import { type WidthGroup, widthGroups } from '../network/width-groups.js';
import { fuse } from '../ops/fuse.js';
import { candidateWidths } from './candidate-widths.js';
import { opVariation } from './op-variation.js';
import { cutsOf, type Proposal, type WidthCut } from './proposals.js';
import { countOf } from './resource.js';

export interface PeakRequest {
  readonly network: Network;
  /** Bytes of feature maps alive at once, float32. */
  readonly target: number;
  readonly widthStep: number;
}

const BYTES_PER_ELEMENT = 4;

/**
 * Cuts of several groups at once, for when the most memory is needed at several places and no group alone lowers the
 * peak. One proposal for every group that is alive at the peak: step by step, where most is alive, that group gives way
 * while it can, then the one that frees most for each channel.
 * @throws LutraError `invalid-network`
 */
export function proposeTogether({ network, target, widthStep }: PeakRequest): readonly Proposal[] {
  const live = liveElements(network);
  const groups = widthGroups(network)
    .filter(({ frozen, width }) => !frozen && width > widthStep)
    .map((group) => ({ group, freed: freedByChannel(network, live, group) }));
  const peak = live.indexOf(Math.max(...live));
  const limit = target / BYTES_PER_ELEMENT;
  const seen = new Set<string>();
  return groups.flatMap((first): readonly Proposal[] => {
    if (first.freed[peak]! <= 0) return [];
    const widths = cutTogether(groups, first, live, limit, widthStep);
    const proposal = widths && proposalOf(network, first.group, groups, widths);
    if (proposal === null || proposal.estimate > target) return [];
    const identity = cutsOf(proposal)
      .map(({ group, width }) => `${group}=${width}`)
      .sort()
      .join();
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [proposal];
  });
}

interface LiveGroup {
  readonly group: WidthGroup;
  /** By node: elements that are alive no more while it runs, for each channel less. */
  readonly freed: readonly number[];
}

/** Maps are linear in each width, so one channel tells of all. */
function freedByChannel(
  network: Network,
  live: readonly number[],
  { id, width }: WidthGroup,
): readonly number[] {
  const less = liveElements(resizeGroups(network, [{ group: id, width: width - 1 }]));
  return live.map((elements, node) => elements - less[node]!);
}

/** Widths by group id of those that were cut; null when what is alive somewhere cannot shrink any more. */
function cutTogether(
  groups: readonly LiveGroup[],
  first: LiveGroup,
  uncut: readonly number[],
  limit: number,
  widthStep: number,
): ReadonlyMap<string, number> | null {
  const live = [...uncut];
  const widths = new Map<string, number>();
  for (;;) {
    const node = live.indexOf(Math.max(...live));
    if (live[node]! <= limit) return widths;
    const giving = groups.filter(
      ({ group, freed }) => freed[node]! > 0 && (widths.get(group.id) ?? group.width) > widthStep,
    );
    if (giving.length === 0) return null;
    const next = giving.includes(first)
      ? first
      : giving.reduce((most, other) => (other.freed[node]! > most.freed[node]! ? other : most));
    const width = widths.get(next.group.id) ?? next.group.width;
    const narrower = candidateWidths(width, widthStep)[0]!;
    next.freed.forEach((elements, i) => {
      live[i]! -= elements * (width - narrower);
    });
    widths.set(next.group.id, narrower);
  }
}

function proposalOf(
  network: Network,
  first: WidthGroup,
  groups: readonly LiveGroup[],
  widths: ReadonlyMap<string, number>,
): Proposal {
  const fused = fuse(network);
  const others = groups.map(({ group }) => group).filter((group) => group !== first && widths.has(group.id));
  const cut = [first, ...others];
  const [own, ...also] = cut.map(
    ({ id, width }): WidthCut => ({ group: id, widthBefore: width, width: widths.get(id)! }),
  );
  const ops = new Set(cut.flatMap((group) => opVariation(network, fused, group).positions));
  return {
    ...own!,
    also,
    estimate: countOf('peakActivationBytes', resizeGroups(network, [own!, ...also])),
    ops: [...ops].sort((a, b) => a - b),
  };
}
