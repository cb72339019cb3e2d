import type { Network } from './network.js';
import { type GroupWidth, resizeGroups } from './resize-groups.js';

const known = new WeakMap<Network, Map<string, Network>>();

/**
 * The network of {@link resizeGroups}, one object for equal widths as long as the network itself is there: what is
 * remembered for a network object (shapes, hash, width groups) is found again. For the few variants that are asked for over
 * and over, not for a search through thousands.
 * @param widths as `resizeGroups` takes them
 * @throws LutraError `invalid-request` as `resizeGroups` does
 */
export function variantOf(network: Network, widths: readonly GroupWidth[]): Network {
  const variants = known.get(network) ?? new Map<string, Network>();
  known.set(network, variants);
  const key = widths.map(({ group, width }) => `${group} ${width}`).join(',');
  const variant = variants.get(key) ?? resizeGroups(network, widths);
  variants.set(key, variant);
  return variant;
}
