import type { IterationView } from '../../contracts/adaptation.js';
import { cutsText } from './cuts-text.js';

/**
 * The cuts that an iteration took.
 * @param undecided what to say while it has not chosen yet
 */
export function chosenText({ proposals }: IterationView, undecided: string): string {
  if (proposals.length === 0) return 'no group could take away more';
  const chosen = proposals.filter((proposal) => proposal.chosen);
  return chosen.length === 0 ? undecided : chosen.map(cutsText).join('; ');
}
