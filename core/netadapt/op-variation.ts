import type { Network } from '../network/network.js';
import { resizeGroup } from '../network/resize-group.js';
import type { WidthGroup } from '../network/width-groups.js';
import { type FusedOp, fuse } from '../ops/fuse.js';
import type { Op } from '../ops/op.js';
import { encodeOpKey } from '../ops/op-key.js';

/** The ops of a network that change with the width of one group. */
export interface OpVariation {
  /** Positions in the fused network, rising. */
  readonly positions: readonly number[];
  /** Keys of these ops at another width of the group, in the order of `positions`. */
  keysAt(width: number): readonly string[];
}

/**
 * Finds the affected ops by fusing the network at one other width; all further widths are read off the two, since every
 * channel count in an op is an affine function of the group's width. Hundreds of widths cost no further fusion.
 * @param fused the network fused, in the device's element type
 * @param group a group of the network that is not frozen
 */
export function opVariation(network: Network, fused: readonly FusedOp[], group: WidthGroup): OpVariation {
  const other = group.width > 2 ? group.width - 1 : group.width + 1;
  const refused = fuse(resizeGroup(network, group.id, other), fused[0]?.op.dtype);
  const positions = fused.flatMap(({ key }, i) => (refused[i]!.key === key ? [] : [i]));
  const slope = 1 / (other - group.width);
  return {
    positions,
    keysAt(width) {
      const share = (width - group.width) * slope;
      return positions.map((i) => encodeOpKey(between(fused[i]!.op, refused[i]!.op, share) as Op));
    },
  };
}

/** `a + share · (b − a)` in every number of two values of equal structure. */
function between(a: unknown, b: unknown, share: number): unknown {
  if (typeof a === 'number') return a + share * ((b as number) - a);
  if (Array.isArray(a)) return a.map((item, i) => between(item, (b as unknown[])[i], share));
  if (typeof a !== 'object' || a === null) return a;
  const other = b as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(a).map(([field, value]) => [field, between(value, other[field], share)]),
  );
}
