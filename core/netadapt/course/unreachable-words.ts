import { sameResource } from '../resource.js';
import type { Limit } from './budget.js';
import { littleWorthOf, type Opening } from './opening.js';

/** Why a budget cannot be reached by widths, with the figures that show it. */
export function unreachableWords(
  opening: Opening,
  { resource, amount }: Limit,
): { readonly message: string; readonly details: Readonly<Record<string, unknown>> } {
  const { reach, ops } = opening;
  const { seed, least, share } = reach.find((other) => sameResource(other.resource, resource))!;
  const saved = `${(100 * share).toFixed(1)} %`;
  if (resource.kind !== 'latency') {
    const message = `budget ${amount} ${resource.kind}: with every width at its least the network needs ${least} of the seed's ${seed}, ${saved} less`;
    return { message, details: { resource, least, seed, widthShare: share } };
  }
  const { device } = resource;
  const worth = littleWorthOf(opening, resource);
  const message =
    `${worth === null ? '' : `${worth}; `}budget ${amount.toFixed(3)} ms on ${device}: with every width at its least the network takes ` +
    `${least.toFixed(3)} ms; all widths together save ${saved} of the seed's ${seed.toFixed(3)} ms, ` +
    `the rest is what its ${ops} ops cost at any width`;
  return { message, details: { resource, leastMs: least, seedMs: seed, widthShare: share, ops } };
}
