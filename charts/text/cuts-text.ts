import type { ProposalView, WidthCutView } from '../../contracts/adaptation.js';
import { groupLabel } from './group-label.js';

/** E.g. `block 3 expand 72 → 64`. */
export function cutText({ group, widthBefore, width }: WidthCutView): string {
  return `${groupLabel(group)} ${widthBefore}\u00a0→\u00a0${width}`;
}

/** All cuts of a proposal. */
export function cutsText(proposal: ProposalView): string {
  return [proposal, ...proposal.also].map(cutText).join(', ');
}
